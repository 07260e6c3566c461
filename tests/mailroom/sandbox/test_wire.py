import os
import socket

import pytest

from mailroom.sandbox.wire import CallEnds, pack, unpack


@pytest.mark.parametrize(
    "message",
    [b"", b"[1]", b"7", b'{"a":', b'{"a":NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"9" * 10_000 + b"}"],
)
def test_what_is_no_json_object_is_an_error_of_one_kind(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"not|Expecting|nested|decode|Exceeds"):
        unpack(message)


def test_what_is_packed_comes_out_again() -> None:
    value = {"text": 'ŵ "quoted"\n\x00', "numbers": [1, 0.5, None, True]}
    assert unpack(pack(value)) == value


def test_a_number_that_is_not_finite_is_not_packed() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        pack({"confidence": float("nan")})


def test_four_descriptors_cross_a_socket_and_the_end_of_it_is_seen() -> None:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with near, far:
        read, write = os.pipe()
        CallEnds(read, write, read, write).send(near)
        received = CallEnds.receive(far)
        assert received is not None
        os.write(received.request, b"through")
        assert os.read(read, 10) == b"through"
        received.close()
        os.close(read)
        os.close(write)
        near.close()
        assert CallEnds.receive(far) is None
