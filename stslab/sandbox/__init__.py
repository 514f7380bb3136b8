"""``stslab sandbox``: the truthful moto as a server on this machine."""
