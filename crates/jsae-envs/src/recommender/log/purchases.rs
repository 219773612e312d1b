use std::collections::HashMap;

/// One purchase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purchase {
    pub(super) time: i64,
    pub(super) price: f64,
    pub(super) user: u32,
    pub(super) item: u32,
}

/// What is kept of a log.
#[derive(Debug, Default)]
pub(super) struct Purchases {
    users: Ids,
    items: Ids,
    rows: Vec<Purchase>,
    n_out_of_order: u64,
}

#[derive(Debug, Default)]
struct Ids(HashMap<Box<[u8]>, u32>);

impl Purchases {
    pub(super) fn add(&mut self, user: &[u8], item: &[u8], time: i64, price: f64) {
        self.n_out_of_order += u64::from(self.rows.last().is_some_and(|last| time < last.time));
        let (user, item) = (self.users.number(user), self.items.number(item));
        self.rows.push(Purchase { time, price, user, item });
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Purchases earlier than the one before them.
    pub(super) fn n_out_of_order(&self) -> u64 {
        self.n_out_of_order
    }

    /// The purchases, and the items' identifiers by number.
    pub(super) fn into_rows(self) -> (Vec<Purchase>, Vec<String>) {
        let mut ids = vec![String::new(); self.items.0.len()];
        for (id, number) in self.items.0 {
            ids[number as usize] = String::from_utf8_lossy(&id).into_owned();
        }
        (self.rows, ids)
    }
}

impl Ids {
    /// The number of `id`; a new one gets the next.
    fn number(&mut self, id: &[u8]) -> u32 {
        if let Some(&number) = self.0.get(id) {
            return number;
        }
        let number = u32::try_from(self.0.len()).expect("fewer identifiers than memory holds");
        self.0.insert(id.into(), number);
        number
    }
}
