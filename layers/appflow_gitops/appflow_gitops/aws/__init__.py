"""AWS: the ports, implemented with boto3. No other package imports it, and no botocore error leaves this one."""
