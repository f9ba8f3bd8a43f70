"""Why an outcome is not the strictest one its source would pass. The README lists the cases under each."""

NO_VERSION = "505 says more exactly what is missing: a request without a version is one of HTTP/0.9."

NOT_SPOKEN = "Nobody has defined HTTP/1.2, so nobody knows what a message means that claims to be in it."

ONE_SPACE = "Read as one space or refused, the RFC allows both; the line that goes on is written anew."

WITH_BODY = (
    "A body with this method is legal and has no meaning. Its end is certain, the instance is told of it by a"
    " length of our own making, and a connection to an instance serves one session only."
)

LENGTH_ANEW = "The grammar allows leading zeros; what the instance gets is a length of our own making."

BEHIND_A_BODY = "What follows an empty body is by all rules a request: a bad one, which ends the connection."

NO_COOKIES = "Cookies are another site's business: whatever they hold, no instance is shown any."

LOOKALIKE = "A name that some take for another is left out with it, so no two readers can disagree."

NOT_IN_A_PATH = "No byte of it can be taken for another: 404, as for each path that names no session exactly."

TWO_TYPES = "Refused, or both pass in their order: which is meant is for who understands the body."

THEIRS = "What there is and who may have it is the instance's to say: it gets the request as it was written."

NO_EXPECTATION = "417 or ignored, the RFC allows both; no expectation reaches an instance."

NO_NAME = (
    "Answered; but a gateway that trusts everyone on its machine answers only to the machine's own names, and"
    " without a Host that is 403."
)
