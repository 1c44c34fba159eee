"""What the storage suites store."""

from mic.testing.contracts._storage_records import MOMENT, ContractRecord


def test_a_record_needs_an_id_and_a_name() -> None:
    record = ContractRecord("a", "n")
    assert (record.note, record.score, record.at, record.version) == (None, None, MOMENT, 1)
    assert MOMENT.utcoffset() is not None
    assert MOMENT.microsecond == 123456
