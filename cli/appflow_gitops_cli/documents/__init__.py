"""Document files: find, read, validate and report on them. Shared by validate, plan and push."""
