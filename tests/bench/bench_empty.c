/* SPDX-License-Identifier: ISC
 * bench_empty.c - does nothing: what it costs to start, by what is linked
 */
int
main(void)
{
	return 0;
}
