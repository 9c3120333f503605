"""Document files as validate, plan and push read and validate them."""
