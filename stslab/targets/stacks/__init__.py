"""CloudFormation's stacks as AWS has them: faults of a template, events, roll-back, and whose credentials are used.

moto keeps the stacks, their templates and their intrinsic functions. What is here takes the place of how it deploys
them. Everything in this package imports moto's CloudFormation, which takes long, so the package is only imported when
a stack is asked for.
"""
