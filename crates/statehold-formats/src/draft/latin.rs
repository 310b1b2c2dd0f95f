//! Letters of other alphabets in Latin ones, as far as a reader would write them so: names stay words.

/// What stands for a lower-case letter.
fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ă' | 'ą' | 'а' => "a",
        'ä' | 'æ' => "ae",
        'б' => "b",
        'ç' | 'ć' | 'č' => "c",
        'ч' => "ch",
        'ď' | 'đ' | 'ð' | 'д' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' | 'е' | 'э' | 'є' => "e",
        'ф' => "f",
        'ğ' | 'г' | 'ґ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' | 'и' | 'і' | 'ї' => "i",
        'к' => "k",
        'х' => "kh",
        'ł' | 'ľ' | 'л' => "l",
        'м' => "m",
        'ñ' | 'ń' | 'ň' | 'н' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ø' | 'ō' | 'ő' | 'о' => "o",
        'ö' | 'œ' => "oe",
        'п' => "p",
        'ŕ' | 'ř' | 'р' => "r",
        'ś' | 'ş' | 'š' | 'ș' | 'с' => "s",
        'ш' => "sh",
        'щ' => "shch",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' | 'т' => "t",
        'ц' => "ts",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' | 'у' => "u",
        'ü' => "ue",
        'в' => "v",
        'ý' | 'ÿ' | 'й' | 'ы' => "y",
        'я' => "ya",
        'ё' => "yo",
        'ю' => "yu",
        'ź' | 'ż' | 'ž' | 'з' => "z",
        'ж' => "zh",
        'ъ' | 'ь' => "",
        _ => return None,
    })
}

/// A text in lower case with Latin letters where there are such.
pub(super) fn latin_lower(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.to_lowercase().chars() {
        match latin(c) {
            Some(letters) => out.push_str(letters),
            None => out.push(c),
        }
    }
    out
}
