//! What a code means: the pages of docs/errors, served as they are in the release.

use statehold_core::codes;

use super::markup::{Html, el, link};
use super::prose;
use crate::problem::Problem;

macro_rules! pages {
    ($($code:literal)*) => {
        /// Code and page. A test holds it equal to the codes there are.
        const PAGES: &[(&str, &str)] = &[
            $(($code, include_str!(concat!("../../../../docs/errors/", $code, ".md")))),*
        ];
    };
}

pages! {
    "SH0101" "SH0102" "SH0103" "SH0104" "SH0105" "SH0106" "SH0107" "SH0108"
    "SH0109" "SH0110" "SH0111" "SH0112" "SH0113" "SH0114" "SH0115" "SH0116"
    "SH0117" "SH0118" "SH0119" "SH0120" "SH0121" "SH0122" "SH0123" "SH0124"
    "SH0125" "SH0126" "SH0127" "SH0128" "SH0129" "SH0130" "SH0131" "SH0132"
    "SH0136" "SH0137" "SH0138" "SH0139" "SH0201" "SH0202" "SH0203" "SH0204"
    "SH0205" "SH0206" "SH0207" "SH0208" "SH0209" "SH0210" "SH0211" "SH0212"
    "SH0213" "SH0214" "SH0215" "SH0216" "SH0217" "SH0218" "SH0219" "SH0220"
    "SH0221" "SH0301" "SH0302" "SH0303" "SH0304" "SH0401" "SH0402" "SH0403"
    "SH0404" "SH0405" "SH0406" "SH0407" "SH0408" "SH0409" "SH0410" "SH0411"
    "SH0412" "SH0413" "SH0414" "SH0415" "SH0416" "SH0417" "SH0501" "SH0502"
    "SH0503" "SH0504" "SH0505" "SH0506" "SH0507" "SH0508" "SH0509" "SH0510"
    "SH0511" "SH0512" "SH0601" "SH0602" "SH0701" "SH0702" "SH0801" "SH0802"
}

/// The content of the page about a code.
pub(super) fn render(code: &str) -> Result<Html, Problem> {
    let page = PAGES
        .iter()
        .find_map(|(known, page)| (*known == code).then_some(*page));
    let page = page.ok_or_else(|| {
        Problem::new(
            codes::UNKNOWN_ROUTE,
            format!("there is no code `{code}`; all codes are listed at /docs#codes"),
        )
    })?;
    let main = el("main")
        .attr("class", "narrow")
        .child(
            el("p")
                .attr("class", "brand")
                .child(link("/docs", "Statehold API")),
        )
        .child(prose::blocks(page))
        .child(el("p").child(link("/docs#codes", "All codes")));
    Ok(main.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_page_built_in() {
        let known: Vec<&str> = codes::ALL.iter().map(|code| code.id()).collect();
        let built_in: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        assert_eq!(known, built_in);
    }

    #[test]
    fn a_page_begins_with_its_code_and_title() {
        for (code, (_, page)) in codes::ALL.iter().zip(PAGES) {
            assert_eq!(
                page.lines().next(),
                Some(format!("# {code}: {}", code.title()).as_str())
            );
        }
    }
}
