"""A connected, non-blocking socket, made without a thread, so that giving up is possible at any moment."""

import asyncio
import socket
import ssl


async def open_socket(host: str, port: int, tls: ssl.SSLContext | None, limit_s: float) -> socket.socket:
    """Connect and, with ``tls``, shake hands. Raises ``OSError`` (``TimeoutError`` after ``limit_s`` per address)."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(limit_s):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = ConnectionRefusedError()
    for family, kind, protocol, _name, address in found:
        try:
            async with asyncio.timeout(limit_s):
                return await _open_one(socket.socket(family, kind, protocol), address, host, tls)
        except OSError as error:
            failure = error
    raise failure


async def _open_one(
    raw: socket.socket, address: tuple[object, ...], host: str, tls: ssl.SSLContext | None
) -> socket.socket:
    open_now = raw
    try:
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, address)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an order of a few bytes shall not wait for more
        if tls is not None:
            open_now = tls.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
            await _shake_hands(open_now)
    except BaseException:
        open_now.close()
        raise
    return open_now


async def _shake_hands(wrapped: ssl.SSLSocket) -> None:
    while True:
        try:
            wrapped.do_handshake()
        except ssl.SSLWantReadError:
            await _until(wrapped, is_for_reading=True)
        except ssl.SSLWantWriteError:
            await _until(wrapped, is_for_reading=False)
        else:
            return


async def _until(wrapped: ssl.SSLSocket, *, is_for_reading: bool) -> None:
    """Wait until the socket can be read from or written to."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    number = wrapped.fileno()
    if is_for_reading:
        loop.add_reader(number, ready.set)
    else:
        loop.add_writer(number, ready.set)
    try:
        await ready.wait()
    finally:
        if is_for_reading:
            loop.remove_reader(number)
        else:
            loop.remove_writer(number)
