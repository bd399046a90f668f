"""Mail of machines, as vendors' systems send it.

``{number}``, ``{title}``, ``{answers}`` (a message id), ``{unique}``, ``{sender}`` and
``{to}`` are filled in. The forms follow what the systems put on the wire; names and
addresses are made up.
"""

EXCHANGE = """\
Return-Path: <>
From: {sender}
To: {to}
Subject: =?utf-8?Q?Automatische_Antwort:_[{number}]?=
Thread-Topic: [{number}] {title}
Message-ID: <{unique}.AM0PR06MB1@AM0PR06MB1.eurprd06.prod.outlook.example>
In-Reply-To: {answers}
References: {answers}
Date: Tue, 4 Mar 2025 08:30:00 +0000
Auto-Submitted: auto-generated
X-Auto-Response-Suppress: All
X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent
X-MS-Has-Attach:
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="_000_AM0_"

--_000_AM0_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

SWNoIGJpbiBiaXMgMTAuIE3DpHJ6IG5pY2h0IGltIELDvHJvLg==
--_000_AM0_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Ich bin bis 10. M=C3=A4rz nicht im B=C3=BCro.</p></body></html>
--_000_AM0_--
"""

GMAIL = """\
Return-Path: <{sender}>
From: {sender}
To: {to}
Subject: =?UTF-8?B?UsOpcG9uc2UgYXV0b21hdGlxdWUgOiDwn4y0?= Re: {title}
Message-ID: <{unique}.CAF1@mail.gmail.example>
In-Reply-To: {answers}
References: {answers}
Date: Tue, 4 Mar 2025 09:30:00 +0100
Precedence: bulk
X-Autoreply: yes
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: 8bit

Je suis en congés jusqu’au 10 mars 🌴
"""

POSTFIX_VACATION = """\
Return-Path: <{sender}>
From: {sender}
To: {to}
Subject: away from my mail
Message-ID: <{unique}.20250304083000.1.vacation@mx.example.com>
In-Reply-To: {answers}
Date: Tue, 4 Mar 2025 08:30:00 +0000
Precedence: junk
Content-Type: text/plain; charset=us-ascii

I will not be reading my mail for a while.
"""

SIEVE = """\
Return-Path: <>
From: {sender}
To: {to}
Subject: Auto: [{number}] {title}
Message-ID: <{unique}.dovecot-sieve-1@mx.example.com>
In-Reply-To: {answers}
References: {answers}
Date: Tue, 4 Mar 2025 08:30:00 +0000
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
X-Sieve: Pigeonhole Sieve 0.5
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dagsorden: jeg er på ferie.
"""

NOTES = """\
Return-Path: <{sender}>
From: {sender}
To: {to}
Subject: Carla is out of the office (returning 10/03/2025)
Message-ID: <{unique}.OF1@notes.example.com>
In-Reply-To: {answers}
Date: Tue, 4 Mar 2025 08:30:00 +0000
Auto-submitted: auto-generated
X-MIMETrack: Serialize by Router
MIME-Version: 1.0
Content-Type: text/plain; charset="ISO-8859-1"
Content-Transfer-Encoding: quoted-printable

Au bureau d=E8s le 10.
"""

AUTORESPONDER = """\
Return-Path: <{sender}>
From: {sender}
To: {to}
Subject: Re: [{number}] {title}
Message-ID: <{unique}.auto-1@cpanel.example.com>
Date: Tue, 4 Mar 2025 08:30:00 +0000
X-Autorespond: {title}
X-Loop: carla@talk.example.com
X-Precedence: auto_reply
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

We have received your message (no references, only the subject tells).
"""

RESPONDERS = {
    "exchange": EXCHANGE,
    "gmail": GMAIL,
    "postfix vacation": POSTFIX_VACATION,
    "sieve": SIEVE,
    "notes": NOTES,
    "autoresponder": AUTORESPONDER,
}

DELIVERY_FAILURE = """\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{unique}.20250304083001.2@mx.example.com>
Date: Tue, 4 Mar 2025 08:30:00 +0000
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<{sender}>: host mx.example.com said: 550 5.1.1 User unknown

--b1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Tue, 4 Mar 2025 08:29:00 +0000

Final-Recipient: rfc822; {sender}
Action: failed
Status: 5.1.1

--b1
Content-Description: Undelivered Message
Content-Type: message/rfc822

Message-ID: {answers}
From: desk@example.com
To: {sender}
Subject: [{number}] {title}
Content-Type: text/plain

Hello

--b1--
"""

DAEMON_TEXT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.com
To: {to}
Subject: failure notice
Message-ID: <{unique}.20250304083002.3@mx.example.com>
In-Reply-To: {answers}
Date: Tue, 4 Mar 2025 08:30:00 +0000
Content-Type: text/plain; charset=us-ascii

Sorry, I was not able to deliver your message to {sender}.
"""

FAILURES = {"report": DELIVERY_FAILURE, "daemon": DAEMON_TEXT}
