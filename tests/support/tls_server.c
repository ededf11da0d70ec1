/* SPDX-License-Identifier: ISC
 * tls_server.c - openssl s_server as a child, on a port of its own choice
 */
#include "tls_server.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 48

static bool
make(const char *folder, const char *kind, const char *algorithm)
{
	char command[1024];

	snprintf(command, sizeof(command),
	    "cd '%s' && { [ -s %s.pem ] || openssl req -x509 -newkey %s -nodes "
	    "-keyout %s.key -out %s.crt -days 30 -subj /CN=mx.example "
	    "2>/dev/null && cat %s.key %s.crt >%s.pem; }",
	    folder, kind, algorithm, kind, kind, kind, kind, kind);
	return system(command) == 0;
}

bool
tls_server_keys(const char *folder)
{
	return make(folder, "rsa", "rsa:2048") &&
	       make(folder, "ecdsa", "ec -pkeyopt ec_paramgen_curve:P-256");
}

static void
run(int out, const char *const *words)
{
	const char *argv[WORDS] = { "openssl", "s_server", "-accept",
		"127.0.0.1:0" };
	size_t n = 4;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; words[i] && n < WORDS - 1; i++)
		argv[n++] = words[i];
	argv[n] = NULL;
	dup2(out, 1);
	dup2(null, 2);
	/* It takes its input for an order to stop. */
	execvp("openssl", (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* "ACCEPT 127.0.0.1:34567" */
static bool
read_port(struct tls_server *server)
{
	char text[4096];
	size_t n = 0;

	while (n < sizeof(text) - 1) {
		ssize_t got = read(server->out, text + n, 1);
		const char *accept;

		if (got <= 0)
			return false;
		text[n += 1] = '\0';
		if (text[n - 1] != '\n')
			continue;
		accept = strstr(text, "ACCEPT 127.0.0.1:");
		if (accept) {
			server->port = (uint16_t)strtoul(
			    accept + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
			return server->port != 0;
		}
	}
	return false;
}

bool
tls_server_start(struct tls_server *server, const char *const *words)
{
	int out[2], in[2];

	memset(server, 0, sizeof(*server));
	if (pipe(out) != 0 || pipe(in) != 0)
		return false;
	server->pid = fork();
	if (server->pid == 0) {
		dup2(in[0], 0);
		close(in[1]);
		close(out[0]);
		run(out[1], words);
	}
	close(out[1]);
	close(in[0]);
	fcntl(in[1], F_SETFD, FD_CLOEXEC);
	fcntl(out[0], F_SETFD, FD_CLOEXEC);
	server->out = out[0];
	if (server->pid > 0 && read_port(server))
		return true;
	tls_server_stop(server);
	return false;
}

void
tls_server_stop(struct tls_server *server)
{
	if (server->pid > 0) {
		kill(server->pid, SIGTERM);
		waitpid(server->pid, NULL, 0);
	}
	if (server->out > 0)
		close(server->out);
	server->pid = 0;
}
