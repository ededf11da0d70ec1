/* SPDX-License-Identifier: ISC
 * certificate_priv.h - what the readers of certificates share
 *
 * X509 is OpenSSL's name for struct x509_st.
 */
#ifndef MAILSONDE_PROBE_CERTIFICATE_PRIV_H
#define MAILSONDE_PROBE_CERTIFICATE_PRIV_H

#include "mailsonde/certificate.h"

struct x509_st;
struct asn1_string_st;

/* NULL: it cannot be read. Given back with certificate_free (NULL will do). */
struct x509_st *certificate_load(struct ms_slice der, const char **fault);
void certificate_free(struct x509_st *x);

/* False: none, or none that can be read. */
bool certificate_time(const struct asn1_string_st *time, int64_t *out);

/* What it says; x is NULL where it cannot be read. */
void certificate_fill(struct x509_st *x, struct ms_slice der, const char *fault,
    const struct ms_limits *limits, struct ms_arena *arena,
    struct ms_certificate *out);

#endif
