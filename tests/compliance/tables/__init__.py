"""All cases."""

from tests.compliance.tables.conformance_bodies import CONFORMANCE_OF_BODIES
from tests.compliance.tables.conformance_lines import CONFORMANCE_OF_LINES
from tests.compliance.tables.cookies import COOKIES, LOOKALIKES
from tests.compliance.tables.h1spec import H1SPEC
from tests.compliance.tables.malformed import CONDITIONS, MALFORMED
from tests.compliance.tables.smuggling_chunks import CHUNKS
from tests.compliance.tables.smuggling_desync import DESYNC
from tests.compliance.tables.smuggling_framing import FRAMING

CASES = (
    *H1SPEC,
    *FRAMING,
    *CHUNKS,
    *DESYNC,
    *MALFORMED,
    *COOKIES,
    *LOOKALIKES,
    *CONDITIONS,
    *CONFORMANCE_OF_LINES,
    *CONFORMANCE_OF_BODIES,
)
