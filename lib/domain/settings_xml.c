/* SPDX-License-Identifier: ISC
 * settings_xml.c - what mail programs are told over HTTPS: autoconfig
 * (draft-ietf-mailmaint-autoconfig) and Autodiscover ([MS-OXDSCLI], POX)
 */
#include "mailsonde/settings_xml.h"

#include "mailsonde/scan.h"
#include "mailsonde/xml.h"

const char *
ms_mail_service_name(enum ms_mail_service service)
{
	static const char *const names[] = {
		[MS_MAIL_SMTP] = "smtp",
		[MS_MAIL_IMAP] = "imap",
		[MS_MAIL_POP3] = "pop3",
		[MS_MAIL_OTHER] = "other",
	};

	return names[service];
}

const char *
ms_mail_security_name(enum ms_mail_security security)
{
	static const char *const names[] = {
		[MS_MAIL_UNSAID] = NULL,
		[MS_MAIL_PLAIN] = "plain",
		[MS_MAIL_STARTTLS] = "starttls",
		[MS_MAIL_TLS] = "tls",
	};

	return names[security];
}

struct reader {
	const struct ms_limits *limits;
	struct ms_arena *arena;
	struct ms_mail_settings *out;
	size_t room;
};

/* The root; NULL: it is no document of that kind, and *out says so. */
static const struct ms_xml *
read_root(struct reader *r, struct ms_slice text, const char *name)
{
	const struct ms_xml *root;

	memset(r->out, 0, sizeof(*r->out));
	root = ms_xml_read(r->arena, text, r->limits, &r->out->fault);
	if (!root || ms_slice_equal(root->name, ms_slice_from(name)))
		return root;
	r->out->fault = ms_arena_printf(r->arena, "it is <%.*s>, not <%s>",
	    (int)(root->name.n > 80 ? 80 : root->name.n),
	    (const char *)root->name.p, name);
	return NULL;
}

/* A new server at the end; NULL: there are too many. */
static struct ms_mail_server *
add_server(struct reader *r, struct ms_slice type)
{
	struct ms_mail_settings *out = r->out;
	size_t room = r->room ? 2 * r->room : 8;
	struct ms_mail_server *server;

	if (out->servers_n == r->limits->mail_servers) {
		out->truncated = true;
		return NULL;
	}
	if (out->servers_n == r->room) {
		out->servers = ms_arena_grow(r->arena, out->servers,
		    r->room * sizeof(*server), room * sizeof(*server));
		r->room = room;
	}
	server = &out->servers[out->servers_n++];
	memset(server, 0, sizeof(*server));
	server->type = type;
	server->service = MS_MAIL_OTHER;
	for (int s = MS_MAIL_SMTP; s < MS_MAIL_OTHER; s++)
		if (ms_slice_is(
			type, ms_mail_service_name((enum ms_mail_service)s)))
			server->service = (enum ms_mail_service)s;
	return server;
}

static uint16_t
read_port(struct ms_slice text)
{
	struct ms_scan s = ms_scan_init(text);
	uint64_t port = ms_scan_number(&s, 5, 65535);

	return s.bad || !ms_scan_at_end(&s) ? 0 : (uint16_t)port;
}

static void
check(struct ms_mail_settings *out)
{
	for (size_t i = 0; !out->fault && i < out->servers_n; i++) {
		const struct ms_mail_server *s = &out->servers[i];

		if (s->service == MS_MAIL_OTHER)
			continue;
		if (s->host.n == 0)
			out->fault = "a server has no host name";
		else if (s->port == 0)
			out->fault = "a server has no port";
	}
	out->valid = out->fault == NULL;
}

/* ---- autoconfig ---- */

static enum ms_mail_security
socket_type(struct ms_slice text)
{
	if (ms_slice_is(text, "SSL") || ms_slice_is(text, "TLS"))
		return MS_MAIL_TLS;
	if (ms_slice_is(text, "STARTTLS"))
		return MS_MAIL_STARTTLS;
	return ms_slice_is(text, "plain") ? MS_MAIL_PLAIN : MS_MAIL_UNSAID;
}

static void
take_logins(struct reader *r, const struct ms_xml *node, const char *name,
    struct ms_mail_server *server)
{
	size_t n = 0;

	for (const struct ms_xml *a = ms_xml_child(node, name); a;
	     a = ms_xml_again(a))
		n++;
	server->logins = MS_NEW_ARRAY(r->arena, struct ms_slice, n);
	for (const struct ms_xml *a = ms_xml_child(node, name); a;
	     a = ms_xml_again(a))
		server->logins[server->logins_n++] = a->text;
}

static void
take_servers(struct reader *r, const struct ms_xml *provider, const char *name)
{
	for (const struct ms_xml *node = ms_xml_child(provider, name); node;
	     node = ms_xml_again(node)) {
		struct ms_mail_server *server =
		    add_server(r, ms_xml_attribute(node, "type"));

		if (!server)
			return;
		server->host = ms_xml_text(node, "hostname");
		server->port = read_port(ms_xml_text(node, "port"));
		server->security = socket_type(ms_xml_text(node, "socketType"));
		server->user = ms_xml_text(node, "username");
		take_logins(r, node, "authentication", server);
	}
}

void
ms_autoconfig_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_mail_settings *out)
{
	struct reader r = { .limits = limits, .arena = arena, .out = out };
	const struct ms_xml *root = read_root(&r, text, "clientConfig");
	const struct ms_xml *provider = ms_xml_child(root, "emailProvider");

	if (!root)
		return;
	out->provider = ms_xml_text(provider, "displayName");
	take_servers(&r, provider, "incomingServer");
	take_servers(&r, provider, "outgoingServer");
	if (!provider)
		out->fault = "it has no <emailProvider>";
	else if (out->servers_n == 0)
		out->fault = "it names no servers";
	check(out);
}

/* ---- Autodiscover ---- */

/* <Encryption> counts before <SSL>, whose default is on ([MS-OXDSCLI]
 * 2.2.4.1.1.2). */
static enum ms_mail_security
encryption(
    const struct ms_xml *protocol, enum ms_mail_service service, uint16_t port)
{
	struct ms_slice text = ms_xml_text(protocol, "Encryption");

	if (ms_slice_is(text, "SSL"))
		return MS_MAIL_TLS;
	if (ms_slice_is(text, "TLS"))
		return MS_MAIL_STARTTLS;
	if (ms_slice_is(text, "None"))
		return MS_MAIL_PLAIN;
	if (ms_slice_is(ms_xml_text(protocol, "SSL"), "off"))
		return MS_MAIL_PLAIN;
	/* "SSL on" with the port of STARTTLS is said of STARTTLS. */
	if ((service == MS_MAIL_SMTP && port == 587) ||
	    (service == MS_MAIL_IMAP && port == 143) ||
	    (service == MS_MAIL_POP3 && port == 110))
		return MS_MAIL_STARTTLS;
	return MS_MAIL_TLS;
}

static void
take_protocols(struct reader *r, const struct ms_xml *account)
{
	for (const struct ms_xml *node = ms_xml_child(account, "Protocol");
	     node; node = ms_xml_again(node)) {
		struct ms_slice type = ms_xml_text(node, "Type");
		struct ms_mail_server *server = add_server(
		    r, type.n > 0 ? type : ms_xml_attribute(node, "Type"));

		if (!server)
			return;
		server->host = ms_xml_text(node, "Server");
		server->port = read_port(ms_xml_text(node, "Port"));
		server->user = ms_xml_text(node, "LoginName");
		server->security =
		    encryption(node, server->service, server->port);
	}
}

/* <Error>, in the words of the server. */
static const char *
error_of(struct reader *r, const struct ms_xml *response)
{
	const struct ms_xml *error = ms_xml_child(response, "Error");
	struct ms_slice code = ms_xml_text(error, "ErrorCode");
	struct ms_slice text = ms_xml_text(error, "Message");

	if (!error)
		return NULL;
	return ms_arena_printf(r->arena, "it is an error: %.*s %.*s",
	    (int)(code.n > 20 ? 20 : code.n), (const char *)code.p,
	    (int)(text.n > 200 ? 200 : text.n), (const char *)text.p);
}

void
ms_autodiscover_parse(struct ms_slice text, const struct ms_limits *limits,
    struct ms_arena *arena, struct ms_mail_settings *out)
{
	struct reader r = { .limits = limits, .arena = arena, .out = out };
	const struct ms_xml *root = read_root(&r, text, "Autodiscover");
	const struct ms_xml *response = ms_xml_child(root, "Response");
	const struct ms_xml *account = ms_xml_child(response, "Account");

	if (!root)
		return;
	out->provider =
	    ms_xml_text(ms_xml_child(response, "User"), "DisplayName");
	out->redirect_url = ms_xml_text(account, "RedirectUrl");
	out->redirect_address = ms_xml_text(account, "RedirectAddr");
	take_protocols(&r, account);
	out->fault = error_of(&r, response);
	if (!response)
		out->fault = "it has no <Response>";
	else if (!out->fault && !account)
		out->fault = "it has no <Account>";
	else if (!out->fault && out->servers_n == 0 &&
		 out->redirect_url.n == 0 && out->redirect_address.n == 0)
		out->fault = "it names no servers";
	check(out);
}
