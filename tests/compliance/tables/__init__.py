"""All cases."""

from tests.compliance.tables.conformance_bodies import CONFORMANCE_OF_BODIES
from tests.compliance.tables.conformance_lines import CONFORMANCE_OF_LINES
from tests.compliance.tables.cookies import COOKIES, LOOKALIKES
from tests.compliance.tables.desync_ambiguous import AMBIGUOUS
from tests.compliance.tables.desync_good import ACCEPTABLE, COMPLIANT
from tests.compliance.tables.desync_severe import SEVERE
from tests.compliance.tables.gateway import GATEWAY
from tests.compliance.tables.h1spec import H1SPEC
from tests.compliance.tables.malformed import CONDITIONS, MALFORMED
from tests.compliance.tables.smuggling_chunks import CHUNKS
from tests.compliance.tables.smuggling_desync import DESYNC
from tests.compliance.tables.smuggling_framing import FRAMING

HTTP11PROBE = (
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
GUARDIAN = (*SEVERE, *AMBIGUOUS, *ACCEPTABLE, *COMPLIANT)
CASES = (*H1SPEC, *HTTP11PROBE, *GUARDIAN, *GATEWAY)

__all__ = ["CASES", "GATEWAY", "GUARDIAN", "H1SPEC", "HTTP11PROBE"]
