"""What one command cannot do: Lua scripts, each atomic on one key."""

import hashlib
from dataclasses import dataclass, field

__all__ = ["COMPARE_AND_DELETE", "COMPARE_AND_SET", "INCREMENT", "Script"]


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the name that a server knows it by.

    Attributes:
        text: The source in Lua 5.1.
        sha: Hex SHA-1 of the source, as EVALSHA wants it.
    """

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


_MATCH = """
local current
if ARGV[2] == '1' then
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  current = redis.call('GETRANGE', KEYS[1], 0, #ARGV[1] - 1)
  if #ARGV[1] == 0 then current = '' end
else
  current = redis.call('GET', KEYS[1])
end
if current ~= ARGV[1] then return 0 end
"""

COMPARE_AND_SET = Script(f"{_MATCH}redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])\nreturn 1\n")
"""Key; expected, 1 for a prefix, new value, milliseconds. 1 when it was replaced."""

COMPARE_AND_DELETE = Script(f"{_MATCH}redis.call('UNLINK', KEYS[1])\nreturn 1\n")
"""Key; expected, 1 for a prefix. 1 when it was removed."""

# The sum is read back as text: Lua's own numbers are exact to 53 bits only. An entry without a
# lifetime is one that INCRBY has just made.
INCREMENT = Script("""
redis.call('GET', KEYS[1])
if type(redis.pcall('INCRBY', KEYS[1], ARGV[1])) == 'table' then return false end
if ARGV[3] == '1' or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return redis.call('GET', KEYS[1])
""")
"""Key; amount, milliseconds, 1 to renew. The sum, or nothing when the entry is no number."""
