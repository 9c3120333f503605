"""Answer in a real AWS account what is unknown about AppFlow."""
