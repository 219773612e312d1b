use std::io::Write;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::catalog::Catalog;

pub(super) const HEADER: &[u8] =
    b"event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n";
const SECONDS: u64 = 31 * 86_400;
const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// Rows as text, in October 2019.
pub(super) struct Rows<'a> {
    catalog: &'a Catalog,
    n_rows: u64,
    second: Option<u64>,
    time: String,
    text: Vec<u8>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(catalog: &'a Catalog, n_rows: u64) -> Self {
        Self { catalog, n_rows, second: None, time: String::new(), text: Vec::new() }
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    pub(super) fn purchase(&mut self, row: u64, user: u32, product: usize, rng: &mut ChaCha8Rng) {
        self.push(row, "purchase", user, product, rng);
    }

    /// A view, or now and then something put into the cart.
    pub(super) fn other(&mut self, row: u64, rng: &mut ChaCha8Rng) {
        let product = if rng.random::<bool>() { self.catalog.any(rng) } else { self.catalog.tail(rng) };
        let event = if rng.random::<f64>() < 0.02 { "cart" } else { "view" };
        let user = rng.random_range(500_000_000..600_000_000);
        self.push(row, event, user, product, rng);
    }

    fn push(&mut self, row: u64, event: &str, user: u32, product: usize, rng: &mut ChaCha8Rng) {
        let second = (u128::from(row) * u128::from(SECONDS) / u128::from(self.n_rows)) as u64;
        if self.second != Some(second) {
            self.second = Some(second);
            self.time = time(second);
        }
        let product = &self.catalog.products[product];
        let price = product.price * rng.random_range(0.95..1.05);
        let (time, columns) = (&self.time, &product.columns);
        write!(self.text, "{time},{event},{columns}{price:.2},{user},").expect("memory takes any text");
        push_session(&mut self.text, rng.random());
        self.text.push(b'\n');
    }
}

fn time(second: u64) -> String {
    let (day, hour, minute) = (second / 86_400 + 1, second / 3_600 % 24, second / 60 % 60);
    format!("2019-10-{day:02} {hour:02}:{minute:02}:{:02} UTC", second % 60)
}

/// Four groups of hexadecimal digits, like the sessions of the file whose columns these are.
fn push_session(text: &mut Vec<u8>, bits: u128) {
    for i in 0..32 {
        if [8, 12, 16, 20].contains(&i) {
            text.push(b'-');
        }
        text.push(HEXADECIMAL[(bits >> (4 * i)) as usize & 15]);
    }
}
