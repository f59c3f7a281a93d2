// Composes what it is told: one JSON object a line in, one mail a line out, in base64. For tests in other languages.
#include <boost/json.hpp>

#include <iostream>

#include "mail/base64.hpp"
#include "mail/composer.hpp"

int main() {
    using namespace sequitur;
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto told = boost::json::parse(line).as_object();
        const auto text = [&](const char* name) { return std::string{told.at(name).as_string()}; };
        domain::MailParts parts;
        parts.email = *EmailId::parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
        parts.from_name = text("from_name");
        parts.from_address = text("from_address");
        parts.to_name = text("to_name");
        parts.to_address = text("to_address");
        parts.subject = text("subject");
        parts.text = text("text");
        parts.html = text("html");
        parts.unsubscribe_url = text("unsubscribe_url");
        for (const auto& id : told.at("references").as_array()) parts.references.emplace_back(id.as_string());
        for (const auto& file : told.at("attachments").as_array())
            parts.attachments.push_back({std::string{file.at("name").as_string()}, "application/pdf",
                                         *mail::base64_decode(file.at("content").as_string())});
        std::cout << mail::base64(mail::MimeComposer{}.compose(parts)) << std::endl;
    }
}
