/* SPDX-License-Identifier: ISC
 * emlx.c - Apple Mail's files: a length, the message, a property list
 */
#include "mailbox_priv.h"
#include "mailsonde/scan.h"

bool
emlx_length(struct ms_slice s, int64_t *length, size_t *start)
{
	struct ms_scan scan = ms_scan_init(s);
	uint64_t number;

	(void)ms_scan_while(&scan, MS_C_WSP, 16);
	number = ms_scan_number(&scan, 18, (uint64_t)1 << 60);
	(void)ms_scan_while(&scan, MS_C_WSP, 64);
	(void)ms_scan_try_byte(&scan, '\r');
	if (scan.bad || !ms_scan_try_byte(&scan, '\n'))
		return false;
	*length = (int64_t)number;
	*start = ms_scan_offset(&scan);
	return true;
}
