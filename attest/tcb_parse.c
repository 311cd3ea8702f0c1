// SPDX-License-Identifier: MIT
//
// Reading TCB info (versions 2 and 3) and QE identity (version 2).
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/signed_json.h"
#include "attest/tcb.h"

enum { MAX_LEVELS = 256 };

typedef bool level_svns_fn(const json_t *tcb, uint32_t version, struct tcb_level *level);

static bool parse_status(const json_t *level, enum attest_tcb_status *ret_status)
{
    const char *text = json_string_value(json_object_get(level, "tcbStatus"));
    for (unsigned i = 0; text && i <= ATTEST_TCB_REVOKED; i++) // the others follow from evaluation
        if (!strcmp(text, attest_tcb_status_name((enum attest_tcb_status)i))) {
            *ret_status = (enum attest_tcb_status)i;
            return true;
        }
    return false;
}

// Advisory names end up in texts for people: printable, and no commas.
static bool is_advisory(const json_t *name)
{
    const char *p = json_string_value(name);
    if (!p || !*p || strlen(p) != json_string_length(name))
        return false;
    for (; *p; p++)
        if (*p <= ' ' || *p > '~' || *p == ',')
            return false;
    return true;
}

static bool parse_advisories(const json_t *level, const json_t **ret_list)
{
    const json_t *list = json_object_get(level, "advisoryIDs");
    if (list && !json_is_array(list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!is_advisory(json_array_get(list, i)))
            return false;
    *ret_list = list;
    return true;
}

static bool parse_level(const json_t *value, uint32_t version, level_svns_fn *svns, struct tcb_level *level)
{
    const json_t *tcb = json_object_get(value, "tcb");
    int64_t date;
    if (!json_is_object(tcb) || !svns(tcb, version, level) || !json_member_time(value, "tcbDate", &date) ||
        !parse_status(value, &level->status) || !parse_advisories(value, &level->advisories))
        return false;
    level->date = json_string_value(json_object_get(value, "tcbDate"));
    return true;
}

static bool parse_levels(const json_t *value, uint32_t version, level_svns_fn *svns,
                         struct tcb_level **ret_levels, size_t *ret_count)
{
    const json_t *list = json_object_get(value, "tcbLevels");
    const size_t count = json_array_size(list);
    struct tcb_level *levels = count > 0 && count <= MAX_LEVELS ? calloc(count, sizeof(*levels)) : NULL;
    if (!levels)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!parse_level(json_array_get(list, i), version, svns, &levels[i])) {
            free(levels);
            return false;
        }
    *ret_levels = levels;
    *ret_count = count;
    return true;
}

static bool component_at(const json_t *tcb, uint32_t version, size_t i, uint32_t *ret_svn)
{
    char name[24];
    if (version == 3)
        return json_member_unsigned(json_array_get(json_object_get(tcb, "sgxtcbcomponents"), i), "svn",
                                    0xffff, ret_svn);
    snprintf(name, sizeof(name), "sgxtcbcomp%02zusvn", i + 1);
    return json_member_unsigned(tcb, name, 0xff, ret_svn);
}

static bool tcb_info_svns(const json_t *tcb, uint32_t version, struct tcb_level *level)
{
    uint32_t svn;
    if (version == 3 && json_array_size(json_object_get(tcb, "sgxtcbcomponents")) != TCB_COMPONENTS)
        return false;
    for (size_t i = 0; i < TCB_COMPONENTS; i++) {
        if (!component_at(tcb, version, i, &svn))
            return false;
        level->component[i] = (uint16_t)svn;
    }
    if (!json_member_unsigned(tcb, "pcesvn", 0xffff, &svn))
        return false;
    level->svn = (uint16_t)svn;
    return true;
}

static bool tdx_info_svns(const json_t *tcb, uint32_t version, struct tcb_level *level)
{
    const json_t *list = json_object_get(tcb, "tdxtcbcomponents");
    uint32_t svn;
    if (json_array_size(list) != TCB_COMPONENTS)
        return false;
    for (size_t i = 0; i < TCB_COMPONENTS; i++) {
        if (!json_member_unsigned(json_array_get(list, i), "svn", 0xffff, &svn))
            return false;
        level->tdx_component[i] = (uint16_t)svn;
    }
    return tcb_info_svns(tcb, version, level);
}

static bool isvsvn_of(const json_t *tcb, uint32_t version, struct tcb_level *level)
{
    uint32_t svn;
    (void)version;
    if (!json_member_unsigned(tcb, "isvsvn", 0xffff, &svn))
        return false;
    level->svn = (uint16_t)svn;
    return true;
}

// Since version 3 the TCB info says for which TEE it is.
static bool parse_tee(const json_t *value, uint32_t version, bool *ret_tdx)
{
    const char *id = json_string_value(json_object_get(value, "id"));
    *ret_tdx = version == 3 && id && !strcmp(id, "TDX");
    return version == 2 || (id && (*ret_tdx || !strcmp(id, "SGX")));
}

static bool parse_u64_hex(const json_t *value, const char *key, uint64_t *ret_number)
{
    uint8_t bytes[8];
    if (!json_member_hex(value, key, bytes, sizeof(bytes)))
        return false;
    memcpy(ret_number, bytes, sizeof(bytes));
    *ret_number = le64toh(*ret_number);
    return true;
}

static bool parse_module(const json_t *value, struct tdx_module *module)
{
    return json_is_object(value) &&
           json_member_hex(value, "mrsigner", module->mrsigner, sizeof(module->mrsigner)) &&
           parse_u64_hex(value, "attributes", &module->attributes) &&
           parse_u64_hex(value, "attributesMask", &module->attributes_mask);
}

// "TDX_" and two hexadecimal digits: the module's major version.
static bool parse_module_id(const json_t *value, uint8_t *ret_version)
{
    const json_t *id = json_object_get(value, "id");
    const char *text = json_string_value(id);
    return text && json_string_length(id) == 6 && !strncmp(text, "TDX_", 4) &&
           hex_decode(text + 4, 2, ret_version, 1);
}

static bool parse_modules(const json_t *value, uint32_t version, struct tcb_info *info)
{
    const json_t *list = json_object_get(value, "tdxModuleIdentities");
    const size_t count = json_array_size(list);
    if (!parse_module(json_object_get(value, "tdxModule"), &info->modules[0]) ||
        (list && !json_is_array(list)) || count > TDX_MODULES_MAX - 1)
        return false;
    info->modules_count = 1;
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        struct tdx_module *module = &info->modules[1 + i];
        if (!parse_module(one, module) || !parse_module_id(one, &module->version) ||
            tdx_module_find(info, module->version) ||
            !parse_levels(one, version, isvsvn_of, &module->levels, &module->levels_count))
            return false;
        info->modules_count++;
    }
    return true;
}

bool tcb_info_parse(const json_t *value, struct tcb_info *info)
{
    uint32_t version, type;
    memset(info, 0, sizeof(*info));
    info->has_pceid = json_object_get(value, "pceId") != NULL;
    return json_member_unsigned(value, "version", 3, &version) && version >= 2 &&
           parse_tee(value, version, &info->tdx) && json_member_time(value, "issueDate", &info->issued) &&
           json_member_time(value, "nextUpdate", &info->next_update) &&
           json_member_hex(value, "fmspc", info->fmspc, sizeof(info->fmspc)) &&
           (!info->has_pceid || json_member_hex(value, "pceId", info->pceid, sizeof(info->pceid))) &&
           json_member_unsigned(value, "tcbType", 0, &type) &&
           json_member_unsigned(value, "tcbEvaluationDataNumber", UINT32_MAX, &info->evaluation_number) &&
           parse_levels(value, version, info->tdx ? tdx_info_svns : tcb_info_svns, &info->levels,
                        &info->levels_count) &&
           (!info->tdx || parse_modules(value, version, info));
}

void tcb_info_free(struct tcb_info *info)
{
    free(info->levels);
    for (size_t i = 0; i < TDX_MODULES_MAX; i++)
        free(info->modules[i].levels);
    memset(info, 0, sizeof(*info));
}

// Hex stands in memory order.
static bool parse_u32_hex(const json_t *value, const char *key, uint32_t *ret_number)
{
    uint8_t bytes[4];
    if (!json_member_hex(value, key, bytes, sizeof(bytes)))
        return false;
    memcpy(ret_number, bytes, sizeof(bytes));
    *ret_number = le32toh(*ret_number);
    return true;
}

static bool parse_id(const json_t *value, char ret_id[8])
{
    const char *id = json_string_value(json_object_get(value, "id"));
    return id && snprintf(ret_id, 8, "%s", id) < 8;
}

bool qe_identity_parse(const json_t *value, struct qe_identity *q)
{
    uint32_t version;
    memset(q, 0, sizeof(*q));
    return json_member_unsigned(value, "version", 2, &version) && version == 2 && parse_id(value, q->id) &&
           json_member_time(value, "issueDate", &q->issued) &&
           json_member_time(value, "nextUpdate", &q->next_update) &&
           json_member_unsigned(value, "tcbEvaluationDataNumber", UINT32_MAX, &q->evaluation_number) &&
           parse_u32_hex(value, "miscselect", &q->miscselect) &&
           parse_u32_hex(value, "miscselectMask", &q->miscselect_mask) &&
           json_member_hex(value, "attributes", q->attributes, sizeof(q->attributes)) &&
           json_member_hex(value, "attributesMask", q->attributes_mask, sizeof(q->attributes_mask)) &&
           json_member_hex(value, "mrsigner", q->mrsigner, sizeof(q->mrsigner)) &&
           json_member_unsigned(value, "isvprodid", 0xffff, &q->isvprodid) &&
           parse_levels(value, version, isvsvn_of, &q->levels, &q->levels_count);
}
