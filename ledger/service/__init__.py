"""The gRPC edge: one method per rpc, which converts and delegates, and what stands around it.

Reading order: ``calls`` (what stands around every call), ``interceptors`` (what is done there),
``status`` (how an error leaves), ``identity`` (who calls), ``bridges`` (how the loop meets the
threads), then one file per gRPC service, and ``server``, which puts them on a port.
"""
