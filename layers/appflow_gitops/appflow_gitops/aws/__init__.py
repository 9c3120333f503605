"""AWS: the only package that imports boto3. It serves the ports of ``sync`` and never lets a botocore error out."""
