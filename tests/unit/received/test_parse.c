/* SPDX-License-Identifier: ISC
 * test_parse.c - Received lines, as each kind of server writes them
 */
#include "received/received_priv.h"

#include "mailsonde/clock.h"
#include "test.h"

/* What is found, each as "name=value". The names are made up, the forms are
 * not. */
static const struct {
	const char *line, *want;
} rows[] = {
	{ "from mail.a.example (mail.a.example [192.0.2.10]) (using "
	  "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
	  "key-exchange X25519) (No client certificate requested) by "
	  "mx.b.example (Postfix) with ESMTPS id 4Xk2Yb3zJqz9sQw for "
	  "<bob@b.example>; Mon,  5 Jan 2026 10:00:00 +0100 (CET)",
	    "postfix helo=mail.a.example rdns=mail.a.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTPS "
	    "id=4Xk2Yb3zJqz9sQw for=bob@b.example tls=TLSv1.3 "
	    "cipher=TLS_AES_256_GCM_SHA384 2026-01-05T09:00:00Z relay "
	    "tls" },
	{ "from laptop (unknown [198.51.100.7]) (Authenticated "
	  "sender: ann@a.example) by mail.a.example (Postfix) with "
	  "ESMTPSA id 4Xk2YZ1abcz2xyz for <bob@b.example>; Mon, 5 "
	  "Jan 2026 08:59:59 +0000 (UTC)",
	    "postfix helo=laptop ip=198.51.100.7 by=mail.a.example "
	    "with=ESMTPSA id=4Xk2YZ1abcz2xyz for=bob@b.example "
	    "user=ann@a.example 2026-01-05T08:59:59Z relay tls auth" },
	{ "by mail.a.example (Postfix, from userid 1000) id "
	  "9F8E7D6C5B; Mon,  5 Jan 2026 10:00:00 +0100 (CET)",
	    "postfix by=mail.a.example id=9F8E7D6C5B "
	    "2026-01-05T09:00:00Z" },
	{ "from localhost (localhost [IPv6:::1]) by mx.b.example "
	  "(Postfix) with LMTP id 4Xk2Yb3zJqz9sQx; Mon, 5 Jan 2026 "
	  "10:00:01 +0100 (CET)",
	    "postfix helo=localhost rdns=localhost ip=::1 "
	    "by=mx.b.example with=LMTP id=4Xk2Yb3zJqz9sQx "
	    "2026-01-05T09:00:01Z relay" },
	{ "from [198.51.100.7] (helo=laptop) by mail.a.example with "
	  "esmtpsa (TLS1.3) tls TLS_AES_128_GCM_SHA256 (Exim 4.96) "
	  "(envelope-from <ann@a.example>) id 1vcfYZ-0003Nk-0v for "
	  "bob@b.example; Mon, 05 Jan 2026 09:59:58 +0000",
	    "exim helo=laptop ip=198.51.100.7 by=mail.a.example "
	    "with=esmtpsa id=1vcfYZ-0003Nk-0v for=bob@b.example "
	    "sender=ann@a.example tls=TLS1.3 "
	    "cipher=TLS_AES_128_GCM_SHA256 2026-01-05T09:59:58Z relay "
	    "tls auth" },
	{ "from mail.a.example ([192.0.2.10]:41234 "
	  "helo=mx.a.example) by mx.b.example with esmtps "
	  "(TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256) (Exim 4.92) "
	  "(envelope-from <ann@a.example>) id 1vcfYa-00012B-3c for "
	  "bob@b.example; Mon, 05 Jan 2026 10:00:00 +0000",
	    "exim helo=mx.a.example rdns=mail.a.example ip=192.0.2.10 "
	    "by=mx.b.example with=esmtps id=1vcfYa-00012B-3c "
	    "for=bob@b.example sender=ann@a.example tls=TLS1.2 "
	    "cipher=ECDHE-RSA-AES256-GCM-SHA384 2026-01-05T10:00:00Z "
	    "relay tls" },
	{ "from mail.a.example ([2001:db8::10] ident=mail) by "
	  "mx.b.example with esmtp (Exim 4.98) id "
	  "1vcfYa-00000000xyz-0AbC; Mon, 05 Jan 2026 10:00:00 +0000",
	    "exim helo=mail.a.example rdns=mail.a.example "
	    "ip=2001:db8::10 ident=mail by=mx.b.example with=esmtp "
	    "id=1vcfYa-00000000xyz-0AbC 2026-01-05T10:00:00Z relay" },
	{ "from a.example (a.example [192.0.2.10]) by b.example "
	  "(8.18.1/8.18.1) with ESMTPS id 6059xwOx012345 "
	  "(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 "
	  "verify=NO) for <bob@b.example>; Mon, 5 Jan 2026 10:00:00 "
	  "GMT",
	    "sendmail helo=a.example rdns=a.example ip=192.0.2.10 "
	    "by=b.example with=ESMTPS id=6059xwOx012345 "
	    "for=bob@b.example tls=TLSv1.3 "
	    "cipher=TLS_AES_256_GCM_SHA384 2026-01-05T10:00:00Z relay "
	    "tls" },
	{ "from helo.example (root@rdns.example [192.0.2.10] (may be "
	  "forged)) by b.example (8.14.4/8.14.4/Debian-8) with SMTP "
	  "id s059xwOx012345; Mon, 5 Jan 2026 10:00:00 +0000",
	    "sendmail helo=helo.example rdns=rdns.example "
	    "ip=192.0.2.10 ident=root by=b.example with=SMTP "
	    "id=s059xwOx012345 2026-01-05T10:00:00Z relay" },
	{ "(from ann@localhost) by a.example (8.18.1/8.18.1/Submit) "
	  "id 6059xvxY012344; Mon, 5 Jan 2026 09:59:57 GMT",
	    "sendmail by=a.example id=6059xvxY012344 "
	    "sender=ann@localhost 2026-01-05T09:59:57Z" },
	{ "(qmail 4711 invoked from network); 5 Jan 2026 10:00:00 "
	  "-0000",
	    "qmail 2026-01-05T10:00:00Z" },
	{ "(qmail 12 invoked by uid 89); 5 Jan 2026 10:00:00 -0000",
	    "qmail 2026-01-05T10:00:00Z" },
	{ "from rdns.example (HELO mail.a.example) "
	  "(ident@192.0.2.10) by mx.b.example with SMTP; 5 Jan 2026 "
	  "10:00:00 -0000",
	    "qmail helo=mail.a.example rdns=rdns.example ip=192.0.2.10 "
	    "ident=ident by=mx.b.example with=SMTP "
	    "2026-01-05T10:00:00Z relay" },
	{ "from unknown (HELO mail.a.example) (192.0.2.10) by "
	  "mx.b.example with (DHE-RSA-AES256-SHA encrypted) SMTP; 5 "
	  "Jan 2026 10:00:00 -0000",
	    "qmail helo=mail.a.example ip=192.0.2.10 by=mx.b.example "
	    "with=SMTP cipher=DHE-RSA-AES256-SHA 2026-01-05T10:00:00Z "
	    "relay tls" },
	{ "from AM0EX.eurprd01.prod.outlook.com (2001:db8::1) by "
	  "DB1EX.eurprd01.prod.outlook.com (2001:db8:1::2) with "
	  "Microsoft SMTP Server (version=TLS1_2, "
	  "cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id "
	  "15.20.5000.1; Mon, 5 Jan 2026 10:00:00 +0000",
	    "exchange helo=AM0EX.eurprd01.prod.outlook.com "
	    "ip=2001:db8::1 by=DB1EX.eurprd01.prod.outlook.com "
	    "by-ip=2001:db8:1::2 with=Microsoft id=15.20.5000.1 "
	    "tls=TLS1_2 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 "
	    "2026-01-05T10:00:00Z relay tls" },
	{ "from EX01.corp.example ([fe80::1]) by EX01.corp.example "
	  "([fe80::1%12]) with mapi id 15.01.2507.044; Mon, 5 Jan "
	  "2026 10:00:00 +0000",
	    "exchange helo=EX01.corp.example ip=fe80::1 "
	    "by=EX01.corp.example by-ip=fe80::1 with=mapi "
	    "id=15.01.2507.044 2026-01-05T10:00:00Z relay" },
	{ "from mail.a.example (192.0.2.10) by EX02.corp.example "
	  "(10.1.2.3) with Microsoft SMTP Server id 14.3.123.3; Mon, "
	  "5 Jan 2026 11:00:00 +0100",
	    "exchange helo=mail.a.example ip=192.0.2.10 "
	    "by=EX02.corp.example by-ip=10.1.2.3 with=Microsoft "
	    "id=14.3.123.3 2026-01-05T10:00:00Z relay" },
	{ "from mail.a.example ([192.0.2.10]) by iis.b.example with "
	  "Microsoft SMTPSVC(6.0.3790.4675); Mon, 5 Jan 2026 "
	  "10:00:00 +0000",
	    "smtpsvc helo=mail.a.example ip=192.0.2.10 "
	    "by=iis.b.example with=Microsoft 2026-01-05T10:00:00Z relay" },
	{ "by 2002:a05:6000:1001:b0:1 with SMTP id a1csp123456wra; "
	  "Mon, 5 Jan 2026 02:00:00 -0800 (PST)",
	    "gmail by=2002:a05:6000:1001:b0:1 with=SMTP "
	    "id=a1csp123456wra 2026-01-05T10:00:00Z" },
	{ "from mail-sor-f41.google.com (mail-sor-f41.google.com. "
	  "[2001:db8::41]) by mx.google.com with SMTPS id "
	  "b2sor1234567wrb.1.2026.01.05.02.00.00 for <bob@b.example> "
	  "(Google Transport Security); Mon, 05 Jan 2026 02:00:00 "
	  "-0800 (PST)",
	    "gmail helo=mail-sor-f41.google.com "
	    "rdns=mail-sor-f41.google.com. ip=2001:db8::41 "
	    "by=mx.google.com with=SMTPS "
	    "id=b2sor1234567wrb.1.2026.01.05.02.00.00 "
	    "for=bob@b.example 2026-01-05T10:00:00Z relay tls" },
	{ "from mail.a.example (mail.a.example. [192.0.2.10]) by "
	  "mx.google.com with ESMTPS id "
	  "abc123si456789edd.179.2026.01.05.02.00.00 for "
	  "<bob@b.example> (version=TLS1_3 "
	  "cipher=TLS_AES_256_GCM_SHA384 bits=256/256); Mon, 05 Jan "
	  "2026 02:00:00 -0800 (PST)",
	    "gmail helo=mail.a.example rdns=mail.a.example. "
	    "ip=192.0.2.10 by=mx.google.com with=ESMTPS "
	    "id=abc123si456789edd.179.2026.01.05.02.00.00 "
	    "for=bob@b.example tls=TLS1_3 "
	    "cipher=TLS_AES_256_GCM_SHA384 2026-01-05T10:00:00Z relay "
	    "tls" },
	{ "from [10.0.0.5] ([198.51.100.9]) by smtp.gmail.com with "
	  "ESMTPSA id x1sm12345678wma.0.2026.01.05.01.59.59 for "
	  "<bob@b.example> (version=TLS1_3 "
	  "cipher=TLS_AES_128_GCM_SHA256 bits=128/128); Mon, 05 Jan "
	  "2026 01:59:59 -0800 (PST)",
	    "gmail helo=[10.0.0.5] ip=198.51.100.9 by=smtp.gmail.com "
	    "with=ESMTPSA id=x1sm12345678wma.0.2026.01.05.01.59.59 "
	    "for=bob@b.example tls=TLS1_3 "
	    "cipher=TLS_AES_128_GCM_SHA256 2026-01-05T09:59:59Z relay "
	    "tls auth" },
	{ "from mail.a.example (mail.a.example [192.0.2.10]) by "
	  "mx.b.example (OpenSMTPD) with ESMTPS id 1a2b3c4d "
	  "(TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO) for "
	  "<bob@b.example>; Mon, 5 Jan 2026 10:00:00 +0000 (UTC)",
	    "opensmtpd helo=mail.a.example rdns=mail.a.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTPS id=1a2b3c4d "
	    "for=bob@b.example tls=TLSv1.3 "
	    "cipher=TLS_AES_256_GCM_SHA384 2026-01-05T10:00:00Z relay "
	    "tls" },
	{ "from localhost (a.example [local]) by a.example "
	  "(OpenSMTPD) with ESMTPA id 2b3c4d5e for <bob@b.example>; "
	  "Mon, 5 Jan 2026 10:00:00 +0000 (UTC)",
	    "opensmtpd helo=localhost rdns=a.example by=a.example "
	    "with=ESMTPA id=2b3c4d5e for=bob@b.example "
	    "2026-01-05T10:00:00Z auth" },
	{ "from mail.a.example (mail.a.example [::ffff:192.0.2.10]) "
	  "(TLS: TLSv1.2,256bits,ECDHE-RSA-AES256-GCM-SHA384) by "
	  "mx.b.example with ESMTPS id "
	  "00000000000A0001.00000000659.00001234; Mon, 05 Jan 2026 "
	  "10:00:00 +0000",
	    "courier helo=mail.a.example rdns=mail.a.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTPS "
	    "id=00000000000A0001.00000000659.00001234 tls=TLSv1.2 "
	    "cipher=ECDHE-RSA-AES256-GCM-SHA384 2026-01-05T10:00:00Z "
	    "relay tls" },
	{ "from laptop (rdns.example [::ffff:198.51.100.7]) (AUTH: "
	  "PLAIN ann@a.example, TLS: "
	  "TLSv1.3,128bits,TLS_AES_128_GCM_SHA256) by mail.a.example "
	  "with ESMTPSA id 00000000000A0002.00000000659.00001235; "
	  "Mon, 05 Jan 2026 10:00:00 +0000",
	    "courier helo=laptop rdns=rdns.example ip=198.51.100.7 "
	    "by=mail.a.example with=ESMTPSA "
	    "id=00000000000A0002.00000000659.00001235 tls=TLSv1.3 "
	    "cipher=TLS_AES_128_GCM_SHA256 user=ann@a.example "
	    "2026-01-05T10:00:00Z relay tls auth" },
	{ "from mail.a.example (mail.a.example [192.0.2.10]) by "
	  "mx.b.example (Haraka/2.8.28) with ESMTPS id "
	  "0A1B2C3D-0000-4000-8000-000000000001.1 envelope-from "
	  "<ann@a.example> (version=TLSv1.3 "
	  "cipher=TLS_AES_256_GCM_SHA384 verify=NO); Mon, 05 Jan "
	  "2026 10:00:00 +0000",
	    "haraka helo=mail.a.example rdns=mail.a.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTPS "
	    "id=0A1B2C3D-0000-4000-8000-000000000001.1 "
	    "sender=ann@a.example tls=TLSv1.3 "
	    "cipher=TLS_AES_256_GCM_SHA384 2026-01-05T10:00:00Z relay "
	    "tls" },
	{ "from mta01.b.example (LHLO mta01.b.example) (10.0.0.5) by "
	  "mbox.b.example with LMTP; Mon, 5 Jan 2026 10:00:00 +0000 "
	  "(UTC)",
	    "zimbra helo=mta01.b.example rdns=mta01.b.example "
	    "ip=10.0.0.5 by=mbox.b.example with=LMTP "
	    "2026-01-05T10:00:00Z relay" },
	{ "from a1-1.smtp-out.eu-west-1.amazonses.com "
	  "(a1-1.smtp-out.eu-west-1.amazonses.com [192.0.2.20]) by "
	  "inbound-smtp.eu-west-1.amazonaws.com with SMTP id "
	  "abcdefghijklmnop for bob@b.example; Mon, 05 Jan 2026 "
	  "10:00:00 +0000 (UTC)",
	    "ses helo=a1-1.smtp-out.eu-west-1.amazonses.com "
	    "rdns=a1-1.smtp-out.eu-west-1.amazonses.com ip=192.0.2.20 "
	    "by=inbound-smtp.eu-west-1.amazonaws.com with=SMTP "
	    "id=abcdefghijklmnop for=bob@b.example "
	    "2026-01-05T10:00:00Z relay" },
	{ "from 192.0.2.10 (EHLO mail.a.example) (192.0.2.10) by "
	  "mta1001.mail.ne1.yahoo.com with SMTPS (version=TLS1_3 "
	  "cipher=TLS_AES_128_GCM_SHA256); Mon, 05 Jan 2026 10:00:00 "
	  "+0000",
	    "yahoo helo=mail.a.example rdns=192.0.2.10 ip=192.0.2.10 "
	    "by=mta1001.mail.ne1.yahoo.com with=SMTPS tls=TLS1_3 "
	    "cipher=TLS_AES_128_GCM_SHA256 2026-01-05T10:00:00Z relay "
	    "tls" },
	{ "from [127.0.0.1] by omp1001.mail.ne1.yahoo.com with "
	  "NNFMP; 05 Jan 2026 10:00:00 -0000",
	    "yahoo ip=127.0.0.1 by=omp1001.mail.ne1.yahoo.com "
	    "with=NNFMP 2026-01-05T10:00:00Z relay" },
	{ "from [198.51.100.9] by web101.mail.ne1.yahoo.com via "
	  "HTTP; Mon, 05 Jan 2026 10:00:00 PST",
	    "yahoo ip=198.51.100.9 by=web101.mail.ne1.yahoo.com "
	    "via=HTTP 2026-01-05T18:00:00Z relay auth" },
	{ "from a.example (rdns.example [192.0.2.10]) by "
	  "mx.b.example (Oracle Communications Messaging Server "
	  "8.1.0) with ESMTP id <0T8D00ABCDEFGH00@mx.b.example> for "
	  "bob@b.example (ORCPT bob@b.example); Mon, 05 Jan 2026 "
	  "10:00:00 +0000 (GMT)",
	    "oracle helo=a.example rdns=rdns.example ip=192.0.2.10 "
	    "by=mx.b.example with=ESMTP "
	    "id=<0T8D00ABCDEFGH00@mx.b.example> for=bob@b.example "
	    "2026-01-05T10:00:00Z relay" },
	{ "from mail.a.example ([192.0.2.10]) by mx.b.example (Lotus "
	  "Domino Release 9.0.1FP10) with ESMTP id "
	  "2026010510000012-34567 ; Mon, 5 Jan 2026 10:00:00 +0100",
	    "domino helo=mail.a.example ip=192.0.2.10 by=mx.b.example "
	    "with=ESMTP id=2026010510000012-34567 2026-01-05T09:00:00Z "
	    "relay" },
	{ "from pop.b.example [192.0.2.30] by localhost with POP3 "
	  "(fetchmail-6.4.37) for <bob@localhost> (single-drop); "
	  "Mon, 05 Jan 2026 10:05:00 +0000 (GMT)",
	    "fetchmail helo=pop.b.example ip=192.0.2.30 by=localhost "
	    "with=POP3 for=bob@localhost 2026-01-05T10:05:00Z" },
	{ "from mx.b.example by imap.b.example with LMTP id "
	  "kA1bC2dE3mVnXwAA (envelope-from <ann@a.example>) for "
	  "<bob@b.example>; Mon, 05 Jan 2026 10:00:00 +0000",
	    "dovecot helo=mx.b.example by=imap.b.example with=LMTP "
	    "id=kA1bC2dE3mVnXwAA for=bob@b.example "
	    "sender=ann@a.example 2026-01-05T10:00:00Z" },
	{ "from mx.b.example ([10.0.0.5]) by imap.b.example "
	  "(Dovecot) with LMTP id kA1bC2dE3mVnXwAA for "
	  "<bob@b.example>; Mon, 05 Jan 2026 10:00:00 +0000",
	    "dovecot helo=mx.b.example ip=10.0.0.5 by=imap.b.example "
	    "with=LMTP id=kA1bC2dE3mVnXwAA for=bob@b.example "
	    "2026-01-05T10:00:00Z relay" },
	{ "from mail.a.example ([192.0.2.10]) by mx.b.example with "
	  "MailEnable ESMTPS (version=TLS1_2 cipher=Aes256); Mon, 5 "
	  "Jan 2026 10:00:00 +0000",
	    "mailenable helo=mail.a.example ip=192.0.2.10 "
	    "by=mx.b.example with=MailEnable tls=TLS1_2 cipher=Aes256 "
	    "2026-01-05T10:00:00Z relay tls" },
	{ "from [192.0.2.10] (HELO mail.a.example) by mx.b.example "
	  "(CommuniGate Pro SMTP 6.3.3) with ESMTPS id 123456789 for "
	  "bob@b.example; Mon, 05 Jan 2026 10:00:00 +0000",
	    "communigate helo=mail.a.example ip=192.0.2.10 "
	    "by=mx.b.example with=ESMTPS id=123456789 "
	    "for=bob@b.example 2026-01-05T10:00:00Z relay tls" },
	{ "from rdns.example ([192.0.2.10] verified) by mx.b.example "
	  "(CommuniGate Pro SMTP 6.3.3) with ESMTP id 123456790 for "
	  "bob@b.example; Mon, 05 Jan 2026 10:00:00 +0000",
	    "communigate helo=rdns.example rdns=rdns.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTP id=123456790 "
	    "for=bob@b.example 2026-01-05T10:00:00Z relay" },
	{ "from mail.a.example ([192.0.2.10]) by mx.b.example (Kerio "
	  "Connect 10.0.5) with ESMTPS; Mon, 5 Jan 2026 10:00:00 "
	  "+0000",
	    "kerio helo=mail.a.example ip=192.0.2.10 by=mx.b.example "
	    "with=ESMTPS 2026-01-05T10:00:00Z relay tls" },
	{ "from mail.a.example (rdns.example [192.0.2.10]) by "
	  "mx.b.example (hMailServer 5.6.8-B2574) with ESMTPS "
	  "(version=TLSv1.2 cipher=ECDHE-RSA-AES256-GCM-SHA384 "
	  "bits=256) ; Mon, 5 Jan 2026 10:00:00 +0000",
	    "hmailserver helo=mail.a.example rdns=rdns.example "
	    "ip=192.0.2.10 by=mx.b.example with=ESMTPS tls=TLSv1.2 "
	    "cipher=ECDHE-RSA-AES256-GCM-SHA384 2026-01-05T10:00:00Z "
	    "relay tls" },
	{ "from webmail ([198.51.100.9]) (SquirrelMail authenticated "
	  "user ann) by mail.a.example with HTTP; Mon, 5 Jan 2026 "
	  "10:00:00 +0000",
	    "web helo=webmail ip=198.51.100.9 by=mail.a.example "
	    "with=HTTP user=ann 2026-01-05T10:00:00Z relay auth" },
	{ "from mail.a.example (192.0.2.10) by mx.b.example; Mon, 5 "
	  "Jan 2026 10:00:00 +0000",
	    "general helo=mail.a.example rdns=mail.a.example "
	    "ip=192.0.2.10 by=mx.b.example 2026-01-05T10:00:00Z relay" },
	{ "from a; from b; by c with SMTP; Mon, 5 Jan 2026 10:00:00 "
	  "+0000",
	    "general helo=a by=c with=SMTP 2026-01-05T10:00:00Z" },
	{ "from a by b id 192.0.2.1 with 10.0.0.1; Mon, 5 Jan 2026 "
	  "10:00:00 +0000",
	    "general helo=a by=b with=10.0.0.1 id=192.0.2.1 "
	    "2026-01-05T10:00:00Z" },
	{ "from mail.a.example (unclosed [192.0.2.1 by b.example; "
	  "Mon, 5 Jan 2026 10:00:00 +0000",
	    "general helo=mail.a.example by=b.example "
	    "2026-01-05T10:00:00Z" },
	{ "from a.example by b.example; no date at all",
	    "general helo=a.example by=b.example" },
	{ "from a.example by b.example id X Thu, 20 Feb 2025 "
	  "10:00:00 +0000",
	    "general helo=a.example by=b.example id=X "
	    "2025-02-20T10:00:00Z" },
	{ "junk", "-" },
};

static void
put(struct ms_buf *out, const char *name, struct ms_slice value)
{
	if (!value.p)
		return;
	ms_buf_printf(out, "%s=", name);
	ms_buf_slice(out, value);
	ms_buf_byte(out, ' ');
}

static void
put_ip(struct ms_buf *out, const char *name, const struct ms_ip *ip)
{
	char text[MS_IP_TEXT];

	ms_ip_format(ip, text);
	if (ip->set)
		ms_buf_printf(out, "%s=%s ", name, text);
}

static void
put_all(struct ms_buf *out, const struct ms_received *r)
{
	char time[MS_TIME_TEXT];

	ms_buf_printf(out, "%s ", r->dialect ? r->dialect : "-");
	put(out, "helo", r->helo);
	put(out, "rdns", r->rdns);
	put_ip(out, "ip", &r->ip);
	put(out, "ident", r->ident);
	put(out, "by", r->by);
	put_ip(out, "by-ip", &r->by_ip);
	put(out, "via", r->via);
	put(out, "with", r->with);
	put(out, "id", r->id);
	put(out, "for", r->for_);
	put(out, "sender", r->envelope_from);
	put(out, "tls", r->tls_version);
	put(out, "cipher", r->tls_cipher);
	put(out, "user", r->auth_user);
	if (r->date.set) {
		ms_time_format(r->date.time, time);
		ms_buf_printf(out, "%.*s ", 20, time);
	}
	ms_buf_printf(out, "%s%s%s", r->relay ? "relay " : "",
	    r->tls ? "tls " : "", r->authenticated ? "auth " : "");
}

static void
reads_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ms_received r;
		struct test_parse t;
		struct ms_buf got;

		test_parse_init(&t);
		ms_buf_init(&got, t.arena);
		ms_received_parse(&t.parse, ms_slice_from(rows[i].line), &r);
		put_all(&got, &r);
		assert_slice(ms_slice_trim(ms_buf_get(&got)), rows[i].want);
		test_parse_done(&t);
	}
}

/* The list of names is the table's. */
static void
names_dialects(void **state)
{
	size_t n;
	const char *const *names = ms_received_dialects(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_string_equal(names[i], received_dialect_name(i));
	assert_null(received_dialect_name(n));
}

/* No field has so many words: the rest is passed over but for the date. */
static void
stops_at_limits(void **state)
{
	const char end[] = "; Mon, 5 Jan 2026 10:00:00 +0000";
	struct ms_received r;
	struct test_parse t;
	struct ms_buf line;

	(void)state;
	test_parse_init(&t);
	ms_buf_init(&line, t.arena);
	ms_buf_text(&line, "from a.example by b.example");
	for (int i = 0; i < 200; i++)
		ms_buf_text(&line, " (c) d");
	ms_buf_text(&line, end);
	ms_received_parse(&t.parse, ms_buf_get(&line), &r);
	assert_slice(r.by, "b.example");
	assert_int_equal(r.date.time, 1767607200);
	assert_string_equal(t.defects.first->detail, "received_words");
	t.limits.field_size = 19;
	ms_received_parse(&t.parse, ms_buf_get(&line), &r);
	assert_slice(r.from, "a.example");
	assert_slice(r.by, "b");
	assert_false(r.date.set);
	test_parse_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(names_dialects),
		cmocka_unit_test(stops_at_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
