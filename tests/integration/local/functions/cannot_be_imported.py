"""A function with a mistake at its top."""

import a_module_that_is_not_there

handler = a_module_that_is_not_there.handler
