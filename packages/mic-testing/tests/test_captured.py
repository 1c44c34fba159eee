import logging

from mic.testing import capture_logs


def test_records_of_a_logger_and_those_below_are_kept() -> None:
    logger = logging.getLogger("captured.test")
    logger.setLevel(logging.ERROR)
    with capture_logs("captured.test") as logs:
        logger.info("one %d", 1)
        logger.getChild("below").warning("two")
        logging.getLogger("captured.other").error("three")
    logger.error("after")
    assert logs.messages == ("one 1", "two")
    assert len(logs) == 2
    assert (logger.level, logger.handlers) == (logging.ERROR, [])


def test_the_level_says_what_is_kept() -> None:
    with capture_logs("captured.test", level=logging.WARNING) as logs:
        logging.getLogger("captured.test").info("one")
        logging.getLogger("captured.test").warning("two")
    assert logs.messages == ("two",)
