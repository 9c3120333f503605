"""UpdateFlow as types: every shape that the API's model reaches from the request, under the API's own names.

``request.UpdateFlowRequest`` is the whole, each other module holds one part of it. Structures are classes;
strings, numbers, lists and maps are aliases. A contract test holds them all against botocore's model.
"""
