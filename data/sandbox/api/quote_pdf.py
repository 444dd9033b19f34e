"""A quote as the smallest PDF that readers open: one page of lines in Helvetica."""

from typing import Any

from data.sandbox.billing.invoicing import shown

Json = dict[str, Any]


def pdf_of(quote: Json, customer: Json) -> bytes:
    """The document of a finalized quote: its number, for whom, each line, the total."""
    currency = quote["currency"]
    rows = [
        f"Quote {quote['number']}",
        f"For {customer['name'] or customer['email'] or customer['id']}",
        "",
        *(
            f"{row['quantity']} x {row['description']}: {shown(row['amount_total'], currency)}"
            for row in quote["line_items"]["data"]
        ),
        "",
        f"Total {shown(quote['amount_total'], currency)}",
    ]
    text = "\n".join(f"({_escaped(row)}) Tj T*" for row in rows)
    return _document(f"BT /F1 12 Tf 16 TL 60 780 Td\n{text}\nET".encode("cp1252", "replace"))


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(page: bytes) -> bytes:
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    ends = (len(parts) + 1, table, len(parts) + 1, len(body))
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n%btrailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % ends
    )
