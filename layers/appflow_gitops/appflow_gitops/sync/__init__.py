"""Bring live flows in line with their documents: one folder per Lambda function, shared types beside them."""
