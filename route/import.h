// import of waypost-config(8): the relay settings of msmtp, nullmailer or Postfix, written as a
// waypost.toml, with a comment at each thing that has no equal.
//
//  1. The other's files are read into an ImportDraft: transports, rules, what has no equal (one
//     importer each).
//  2. It becomes the text of a file (import_text.h); what our own check would refuse stands in it
//     as a comment, so that it always passes `waypost-config check`.
// A secret is never read into it: where one was found, the text says from where to hand it to
// `waypost credential add`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/sys/error.h"
#include "route/document.h"

namespace waypost::route {

// Where something stood: "msmtprc:12".
struct ImportOrigin {
  std::string file;
  unsigned line = 0;
  [[nodiscard]] std::string text() const { return file + ":" + std::to_string(line); }
};

struct ImportedKey {
  std::string name;
  Node value;
  std::string origin;
};

struct ImportedTable {
  std::string name; // of a transport; empty: a rule
  std::string origin;
  std::vector<ImportedKey> keys;

  void add(std::string key, Node value, const ImportOrigin& where) {
    keys.push_back({std::move(key), std::move(value), where.text()});
  }
};

struct ImportDraft {
  std::vector<ImportedKey> settings; // before the first table
  std::vector<ImportedTable> transports;
  std::vector<ImportedTable> rules; // in the order in which they are tried
  std::vector<std::string> notes;   // "msmtprc:7: aliases: ...", in the order of the files
  std::vector<std::string> secrets; // what to do for each credential

  void note(const ImportOrigin& where, const std::string& text) {
    notes.push_back(where.text() + ": " + text);
  }
};

// The text of a file beside the one that is imported; an error when there is none.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

// Each takes the text of its main file; `path` is its name.
[[nodiscard]] ImportDraft import_msmtp(std::string_view text, const std::string& path);
[[nodiscard]] ImportDraft import_nullmailer(std::string_view remotes, const std::string& path,
                                            const ReadFile& read);
[[nodiscard]] ImportDraft import_postfix(std::string_view main_cf, const std::string& path,
                                         const ReadFile& read);

// ---- What the importers have in common

// A name that a transport and a credential may have, made of any text.
[[nodiscard]] std::string import_name(std::string_view text);
[[nodiscard]] std::string base_name(std::string_view path);
// "8443", 1 to 65535; else none is added, and a note says so.
void import_port(ImportDraft& draft, ImportedTable& to, std::string_view port,
                 const ImportOrigin& where);
// User and credential of a transport, and what to do for the secret.
void import_login(ImportDraft& draft, ImportedTable& to, const std::string& user,
                  const ImportOrigin& where, const std::string& secret);
// Where all mail leaves: also that for this machine's own names.
[[nodiscard]] ImportedKey import_no_local_mail(const std::string& program);
// A rule for all mail, or for what `key` names.
[[nodiscard]] ImportedTable import_rule(const std::string& transport, const ImportOrigin& where);

} // namespace waypost::route
