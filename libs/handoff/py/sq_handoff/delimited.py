"""Length-delimited records: the length as a varint, then the bytes. Same format as protobuf's writeDelimited."""

from collections.abc import Iterator

_MAX_VARINT = 5  # bytes; enough for 2 GiB, the limit of protobuf


def delimit(record: bytes) -> bytes:
    """The record with its length before it."""
    size, prefix = len(record), bytearray()
    while size > 0x7F:
        prefix.append(size & 0x7F | 0x80)
        size >>= 7
    prefix.append(size)
    return bytes(prefix) + record


def split(data: bytes) -> Iterator[bytes]:
    """The records in data, in order.

    Raises:
        ValueError: data ends within a record, or a length is invalid.
    """
    position, end = 0, len(data)
    while position < end:
        size = shift = 0
        while True:
            if position == end or shift == 7 * _MAX_VARINT:
                raise ValueError("invalid record length")
            byte = data[position]
            position += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if position + size > end:
            raise ValueError("truncated record")
        yield data[position : position + size]
        position += size
