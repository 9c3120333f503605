"""UpdateFlow as types: every shape of the request, under the API's own names.

``request.UpdateFlowRequest`` is the whole; each other module defines one part of it. Structures are classes; strings,
numbers, lists and maps are type aliases. A contract test compares all of them with botocore's model.
"""
