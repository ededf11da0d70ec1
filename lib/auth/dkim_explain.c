/* SPDX-License-Identifier: ISC
 * dkim_explain.c - which of the usual changes in transit breaks a signature
 */
#include "dkim_priv.h"

static const char *const changes[] = {
	[MS_DKIM_CHANGE_NONE] = "none",
	[MS_DKIM_CHANGE_FOOTER] = "footer",
	[MS_DKIM_CHANGE_BANNER] = "banner",
	[MS_DKIM_CHANGE_PART] = "part",
	[MS_DKIM_CHANGE_LINE_END] = "line-end",
	[MS_DKIM_CHANGE_SPACE] = "space",
	[MS_DKIM_CHANGE_ENCODING] = "encoding",
	[MS_DKIM_CHANGE_FROM_LINE] = "from-line",
	[MS_DKIM_CHANGE_SUBJECT_TAG] = "subject-tag",
	[MS_DKIM_CHANGE_FROM] = "from",
	[MS_DKIM_CHANGE_FIELD_ADDED] = "field-added",
	[MS_DKIM_CHANGE_FIELD] = "field",
	[MS_DKIM_CHANGE_FOLDING] = "folding",
};

const char *
ms_dkim_change_name(enum ms_dkim_change change)
{
	return changes[change];
}
