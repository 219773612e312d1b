//! The library as its users meet it: folders in, figures, tables and pictures out.

mod page;
mod parity;
mod pictures;
mod reading;
mod report;
mod synthetic;
mod tables;
