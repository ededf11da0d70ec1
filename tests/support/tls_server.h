/* SPDX-License-Identifier: ISC
 * tls_server.h - openssl s_server as a child, on a port of its own choice
 */
#ifndef MAILSONDE_TLS_SERVER_H
#define MAILSONDE_TLS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct tls_server {
	pid_t pid;
	uint16_t port;
	int out; /* what it prints */
};

/* Makes a key and a certificate under `folder` where there is none:
 * rsa.pem, ecdsa.pem, each both in one file. */
bool tls_server_keys(const char *folder);

/* Starts it with these words behind "openssl s_server", ended by NULL. False:
 * it cannot be started. */
bool tls_server_start(struct tls_server *server, const char *const *words);
void tls_server_stop(struct tls_server *server);

#endif
