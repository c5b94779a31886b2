/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmd_findings.c - what hub verify and hub repair found, for programs. */
#include "cmd/cmd_findings.h"

void cmd_findings_json(struct json *j, const struct verify *v)
{
	size_t i;

	json_array(j, "findings");
	for (i = 0; i < v->n; i++) {
		json_object(j, NULL);
		json_str(j, "where", v->v[i].where);
		json_str(j, "object", v->v[i].object);
		json_str(j, "what", v->v[i].what);
		json_str(j, "todo", v->v[i].todo);
		json_object_end(j);
	}
	json_array_end(j);
}
