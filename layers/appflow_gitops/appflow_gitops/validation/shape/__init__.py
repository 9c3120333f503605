"""The shape of a flow: is it a request that the AppFlow API accepts?"""
