/* SPDX-License-Identifier: ISC
 * ns_priv.h - the name servers of a domain, and what each says by itself
 */
#ifndef MAILSONDE_DOMAIN_NS_PRIV_H
#define MAILSONDE_DOMAIN_NS_PRIV_H

#include "domain_priv.h"

enum ns_state {
	NS_ANSWERS, /* with the zone */
	NS_LAME,    /* it says itself that it has not got it */
	NS_SILENT,
	NS_ODD,     /* what it says cannot be read */
	NS_UNASKED, /* see `why` */
};

/* Why an address was not asked. */
enum ns_unasked {
	NS_SPECIAL,  /* set aside: private, documentation … */
	NS_NO_ROUTE, /* from here there is no way: no IPv6 */
	NS_PLANNED,  /* a zone is laid over: that answered */
	NS_OFFLINE,
	NS_UNASKED_N,
};

struct ns_address {
	struct ms_slice name; /* of the server */
	struct ms_ip ip;
	enum ns_state state;
	enum ns_unasked why;
	struct ms_dns_answer soa, ns;
	struct ms_dns_answer transfer; /* with --active, where it answers */
	bool transfer_asked;
};

struct ns_server {
	struct ms_slice name;
	bool in_zone;   /* the resolvers know of it */
	bool at_parent; /* the zone above names it */
	struct ms_dns_answer a, aaaa;
	struct ns_address *addresses;
	size_t n;
};

struct ns_servers {
	struct ms_dns_answer answer; /* the NS records, by resolvers */
	/* What the zone above says: a referral, or its own NS records. Status
	 * MS_DNS_OFFLINE where nobody could be asked for it. */
	struct ms_dns_answer parent;
	struct ms_slice parent_name;
	struct ns_server *list;
	size_t n;
	struct ns_address **all; /* of all servers */
	size_t all_n;
	bool cut_short; /* by a limit */
	size_t states[NS_UNASKED + 1];
	size_t unasked[NS_UNASKED_N];
	/* Neither they nor the zone above: such is a network that lets only
	 * resolvers ask. */
	bool nobody;
	size_t v6_silent; /* of the silent */
	bool v6_answers;
};

/* Fills all but `answer`, which is there: asks the zone above, looks the
 * addresses up, and asks each by itself. Addresses that are set aside are not
 * asked, unless --allow-net has them: a stranger's zone is no reason to send
 * packets into a private network. */
void ns_ask(struct ms_domain_case *subject, struct ns_servers *s);

/* Judges what each said by itself, and the zone above. False: some of it could
 * not be told. */
bool ns_judge(struct ms_domain_case *subject, const struct ns_servers *s);

/* What was left undone, and why. */
void ns_say_unasked(struct ms_domain_case *subject, const struct ns_servers *s);

#endif
