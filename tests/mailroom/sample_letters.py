"""Letters that the machine settles, doubts or keeps from most people, as the tests of several folders hand them in."""

from datetime import UTC, datetime

from fpdf import FPDF

DISCOUNT = b"""Jane Pemberton
4 Quarry View
Harrowdale
HD7 4QT

12 November 2026

Dear Sir or Madam

Council tax: single person discount

My lodger has moved out, and I am now the only adult living here. Please give me the single person discount on my
council tax from 1 November. My council tax account number is 71204455.

Yours faithfully

Jane Pemberton
"""
UNCLEAR = b"""Dear Sir or Madam

I enclose the papers that we talked about last week on the telephone.

Yours faithfully

Rhys Treharne
"""
AT_RISK = b"""Dear Sir or Madam

Safeguarding concern

I am worried about the child next door. He is six and has bruises on his arms and I think that his stepfather hits him.
Please tell children's services: he is at risk of harm.

Yours faithfully

Ann Osgood
"""


def pdf_of(*pages: str) -> bytes:
    """A file with these words on its pages: of the same words the same bytes, so that they are read once."""
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 11, 16, tzinfo=UTC))
    pdf.set_font("helvetica", size=12)
    for text in pages:
        pdf.add_page()
        pdf.multi_cell(0, 7, text)
    return bytes(pdf.output())


def bounce_of(message_id: str, address: str) -> bytes:
    """Return the report of a mail server that a message of ours was not delivered (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.client.example (Mail Delivery System)
To: post@council.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Message-Id: <report@mx.client.example>

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.client.example
Arrival-Date: Fri, 13 Nov 2026 09:10:00 +0000 (GMT)

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: no such user

--b
Content-Type: text/rfc822-headers

From: post@council.example
To: {address}
Subject: We have your message
Message-ID:
 {message_id}

--b--
""".encode()
