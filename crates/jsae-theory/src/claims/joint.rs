use std::collections::BTreeMap;

/// What a step is made of, in the order of its happening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// S.
    State,
    /// X.
    Point,
    /// E.
    Latent,
    /// A.
    Action,
    /// S′.
    Next,
}

/// Values of the variables that count; those that do not are 0.
type Key = [usize; 5];

/// The probability of every combination of values that has one.
#[derive(Clone, Debug, Default)]
pub(super) struct Joint(Vec<(Key, f64)>);

impl Joint {
    pub(super) fn add(&mut self, values: [usize; 5], probability: f64) {
        if probability > 0.0 {
            self.0.push((values, probability));
        }
    }

    /// max |P(u, v given w) − P(u given w) P(v given w)|, over all values, those that never meet included.
    pub(super) fn dependence(&self, u: &[Variable], v: &[Variable], w: &[Variable]) -> f64 {
        let given = self.marginal(w);
        let (with_u, with_v) = (self.marginal(&[u, w].concat()), self.marginal(&[v, w].concat()));
        let together = self.marginal(&[u, v, w].concat());
        let mut worst: f64 = 0.0;
        for (ukey, up) in &with_u {
            let condition = only(ukey, w);
            let of_w = given[&condition];
            for (vkey, vp) in with_v.iter().filter(|(key, _)| only(key, w) == condition) {
                let mut key = *ukey;
                v.iter().for_each(|&variable| key[variable as usize] = vkey[variable as usize]);
                let joint = together.get(&key).copied().unwrap_or(0.0);
                worst = worst.max((joint / of_w - up / of_w * (vp / of_w)).abs());
            }
        }
        worst
    }

    /// max |P(u given more) − P(u given less)|, `less` being a part of `more`, over all values.
    pub(super) fn difference(&self, u: &[Variable], more: &[Variable], less: &[Variable]) -> f64 {
        let (of_more, of_less) = (self.marginal(more), self.marginal(less));
        let with_more = self.marginal(&[u, more].concat());
        let with_less = self.marginal(&[u, less].concat());
        let mut worst: f64 = 0.0;
        for (more_key, more_p) in &of_more {
            let condition = only(more_key, less);
            for (key, p) in with_less.iter().filter(|(key, _)| only(key, less) == condition) {
                let mut whole = *more_key;
                u.iter().for_each(|&variable| whole[variable as usize] = key[variable as usize]);
                let joint = with_more.get(&whole).copied().unwrap_or(0.0);
                worst = worst.max((joint / more_p - p / of_less[&condition]).abs());
            }
        }
        worst
    }

    /// max over w of 1 − max over u of P(u given w): 0 where w determines u.
    pub(super) fn uncertainty(&self, u: &[Variable], w: &[Variable]) -> f64 {
        let together = self.marginal(&[u, w].concat());
        let of_value = |(condition, p): (&Key, &f64)| {
            let likely =
                together.iter().filter(|(key, _)| only(key, w) == *condition).map(|(_, joint)| joint / p);
            1.0 - likely.fold(0.0, f64::max)
        };
        self.marginal(w).iter().map(of_value).fold(0.0, f64::max)
    }

    fn marginal(&self, variables: &[Variable]) -> BTreeMap<Key, f64> {
        let mut sums = BTreeMap::new();
        for (key, probability) in &self.0 {
            *sums.entry(only(key, variables)).or_insert(0.0) += probability;
        }
        sums
    }
}

fn only(key: &Key, variables: &[Variable]) -> Key {
    let mut rest = [0; 5];
    variables.iter().for_each(|&variable| rest[variable as usize] = key[variable as usize]);
    rest
}

#[cfg(test)]
mod tests {
    use super::Variable::*;
    use super::*;

    /// S and A are equal coins; X says nothing.
    fn coins() -> Joint {
        let mut joint = Joint::default();
        joint.add([0, 0, 0, 0, 0], 0.5);
        joint.add([1, 0, 0, 1, 0], 0.5);
        joint
    }

    #[test]
    fn equal_coins_depend_on_each_other_by_a_quarter() {
        assert_eq!(coins().dependence(&[Action], &[State], &[Point]), 0.25);
        assert_eq!(coins().dependence(&[Next], &[State], &[Point]), 0.0);
        assert_eq!(coins().dependence(&[Action], &[Next], &[State]), 0.0);
    }

    #[test]
    fn what_one_coin_says_of_the_other_is_a_half() {
        assert_eq!(coins().difference(&[Action], &[State, Point], &[Point]), 0.5);
        assert_eq!(coins().uncertainty(&[Action], &[Point]), 0.5);
        assert_eq!(coins().uncertainty(&[Action], &[State]), 0.0);
    }
}
