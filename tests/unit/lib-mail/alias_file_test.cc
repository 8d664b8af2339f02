#include "lib/mail/alias_file.h"

#include <criterion/criterion.h>

using namespace waypost;

namespace {

// "address alice, command /bin/x y"; "error: ..." for a broken one; "none"
std::string shown(const AliasFile& file, const std::string& name) {
  const Alias* const alias = file.find(name);
  if (alias == nullptr) return "none";
  if (!alias->error.empty()) return "error";
  std::string all;
  for (const AliasTarget& one : alias->targets) {
    constexpr const char* kKinds[] = {"", "|", "file ", "include "};
    all += (all.empty() ? "" : "; ") + std::string(kKinds[static_cast<int>(one.kind)]) + one.text;
  }
  return all;
}

struct Row {
  const char* text;
  const char* name;
  const char* wanted;
};

} // namespace

Test(alias_file, entries_of_every_form) {
  for (const Row& row : {
           Row{"root: alice", "root", "alice"},
           Row{"Root :\talice@Example.org", "rOOT", "alice@Example.org"},
           Row{"a: b, c ,d", "a", "b; c; d"},
           Row{"a: b,\n  c,\n\td\n", "a", "b; c; d"},
           Row{"a: b,\n# between\n\n  c\n", "a", "b; c"},
           Row{"a: b # a comment, x\n", "a", "b"},
           Row{"# a: b\n", "a", "none"},
           Row{"a: b\r\nc: d\r\n", "c", "d"},
           Row{"john.doe: john", "john.doe", "john"},
           Row{"\"john doe\": john", "john doe", "john"},
           Row{"a: \\a, b@c.test", "a", "\\a; b@c.test"},
           Row{"a: \"|/bin/prog one, two # three\"", "a", "|/bin/prog one, two # three"},
           Row{"a: |/bin/prog", "a", "|/bin/prog"},
           Row{"a: |\"/bin/prog arg\"", "a", "|/bin/prog arg"},
           Row{"a: /var/mail/x, \"/var/a b\"", "a", "file /var/mail/x; file /var/a b"},
           Row{"a: :include:/etc/list, b", "a", "include /etc/list; b"},
           Row{"a: \":INCLUDE:/etc/list\"", "a", "include /etc/list"},
           Row{"a: Somebody <b@c.test>", "a", "b@c.test"},
           Row{"a: \"odd one\"@c.test", "a", "\"odd one\"@c.test"},
           Row{"a: b\na: c\n", "a", "b"},
           Row{"a:", "a", "error"},
           Row{"a: ,", "a", "error"},
           Row{"a: |prog", "a", "error"},
           Row{"a: |/bin/a | /bin/b", "a", "error"},
           Row{"a: |/bin/a $HOME", "a", "error"},
           Row{"a: :include:list", "a", "error"},
           Row{"a: :fail: no", "a", "error"},
           Row{"a: b c", "a", "error"},
           Row{"a: b@@c", "a", "error"},
           Row{"a@b: c", "a", "none"},
           Row{"no colon\nb: c\n", "b", "c"},
           Row{"  goes on\nb: c\n", "b", "c"},
           Row{"a: \"|/bin/x\nb: c\n", "b", "c"},
       }) {
    const AliasFile file = AliasFile::parse(row.text);
    cr_expect(shown(file, row.name) == row.wanted, "%s", row.text);
  }
}

Test(alias_file, every_mistake_has_its_line) {
  const AliasFile file = AliasFile::parse("a: b\n  ,c\n\nx\na: d\nbad: |x\n");
  cr_assert_eq(file.errors().size(), 3);
  cr_expect_eq(file.errors()[0].line, 4);
  cr_expect_eq(file.errors()[1].line, 5);
  cr_expect_eq(file.errors()[2].line, 6);
  cr_expect_eq(file.find("a")->line, 1);
}

Test(alias_file, a_command_as_a_local_part_comes_back_as_it_was) {
  for (const char* text : {"/bin/prog", "/bin/prog a \"b c\" \\d", "/bin/x 'y'"}) {
    const AliasTarget command{AliasTarget::Kind::command, text};
    const auto back = target_of_local_part(local_part_of(command));
    cr_expect(back == command, "%s", text);
    const AliasTarget path{AliasTarget::Kind::file, text};
    cr_expect(target_of_local_part(local_part_of(path)) == path, "%s", text);
  }
  for (const char* local : {"alice", "\"alice\"", "a|b", "a/b", "\"a |b\""})
    cr_expect(!target_of_local_part(local), "%s", local);
}

Test(alias_file, only_what_it_names_may_be_run_or_written) {
  const AliasFile file = AliasFile::parse("a: \"|/bin/x y\", /var/z, b, :include:/etc/l\n");
  cr_expect(file.names({AliasTarget::Kind::command, "/bin/x y"}));
  cr_expect(file.names({AliasTarget::Kind::file, "/var/z"}));
  cr_expect(!file.names({AliasTarget::Kind::command, "/bin/x"}));
  cr_expect(!file.names({AliasTarget::Kind::file, "/bin/x y"}));
  cr_expect(!file.names({AliasTarget::Kind::address, "b"}));
}

Test(alias_file, a_command_is_split_without_a_shell) {
  const auto words = split_command(R"(/bin/p "a b" 'c "d' e\ f "g\"h")");
  cr_assert(words.has_value());
  cr_expect(*words == std::vector<std::string>({"/bin/p", "a b", "c \"d", "e f", "g\"h"}));
  for (const char* bad : {"", "  ", "prog", "/bin/a; b", "/bin/a `b`", "/bin/a > f", "/bin/a \"b",
                          "/bin/a 'b", "/bin/a && b", "/bin/a (b)"})
    cr_expect(!split_command(bad), "%s", bad);
}
