"""The policy: which documents may change which flows, and which connectors, profiles and buckets those may use."""
