"""The domain, pure: values, facts, one aggregate a file, and the determination.

Nothing here reads a clock, a file, the network or the environment, and nothing here knows
protobuf or the event store. pydantic is the one validator.
"""
