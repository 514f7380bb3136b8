"""Where submissions are graded: side by side on this machine, or on the workers of a Dask cluster.

Either way each has a process of its own, started by whoever grades it; the executor only says when.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from stslab.errors import BadInput


@contextmanager
def executor(workers: int, address: str | None) -> Iterator[Executor]:
    """Give what grades.

    Args:
        workers: how many submissions at once, on this machine.
        address: the scheduler of a cluster whose workers see the same folders under the same paths, or ``None``.

    Raises:
        BadInput: there is no cluster, or Dask is not installed.
    """
    if address is None:
        with ThreadPoolExecutor(workers, thread_name_prefix="grading") as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise BadInput("--dask", "Dask is not installed", "say pip install stslab[cluster]") from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise BadInput(
            "--dask", f"there is no scheduler at {address} ({error})", "start one, or mend the address"
        ) from None
    with client:
        yield client.get_executor(pure=False)
