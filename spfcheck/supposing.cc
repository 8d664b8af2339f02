#include "spfcheck/supposing.h"

namespace waypost::spfcheck {

bool Supposing::supposed(const Question& question) const {
  return question.type == net::DnsType::txt && question.name == name_;
}

void Supposing::expect(const Question& question) {
  if (!supposed(question)) below_.expect(question);
}

net::Task<net::DnsAnswer> Supposing::resolve(Question question) {
  if (supposed(question)) {
    net::DnsAnswer answer;
    answer.status = net::DnsStatus::found;
    answer.canonical = name_;
    answer.texts.push_back(text_);
    co_return answer;
  }
  const net::DnsAnswer answer = co_await below_.resolve(question);
  co_return answer;
}

} // namespace waypost::spfcheck
