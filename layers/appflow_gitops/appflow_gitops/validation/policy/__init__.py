"""The policy: which document may manage which flows, connectors, profiles and buckets."""
