/* SPDX-License-Identifier: ISC
 * peer_spf2.c - libspf2 over senders, as mailsonde spf - takes them
 *
 * peer_spf2 <SENDERS: one server with its cache for all; prints how many gave
 * which result. Asks the resolver of /etc/resolv.conf.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <spf2/spf.h>

int
main(void)
{
	SPF_server_t *server = SPF_server_new(SPF_DNS_CACHE, 0);
	unsigned long counts[16] = { 0 };
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		char *ip = strtok(line, " \n"), *from = strtok(NULL, " \n");
		char *helo = strtok(NULL, " \n");
		SPF_request_t *request = SPF_request_new(server);
		SPF_response_t *response = NULL;

		if (!ip || !from)
			continue;
		if (strchr(ip, ':'))
			SPF_request_set_ipv6_str(request, ip);
		else
			SPF_request_set_ipv4_str(request, ip);
		if (helo && strcmp(helo, "-") != 0)
			SPF_request_set_helo_dom(request, helo);
		SPF_request_set_env_from(request, from);
		SPF_request_query_mailfrom(request, &response);
		counts[SPF_response_result(response) & 15]++;
		SPF_response_free(response);
		SPF_request_free(request);
	}
	for (int i = 0; i < 16; i++)
		if (counts[i])
			printf("%s %lu\n", SPF_strresult((SPF_result_t)i),
			    counts[i]);
	SPF_server_free(server);
	return 0;
}
