//! Functions that tell types apart.

use super::lists::DEPTH;
use crate::args::exactly;
use crate::compare::deeply_equal;
use crate::{Function, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "typeOf" => exactly(1, |args, _| Ok(args.any(0).type_name().into())),
        "kindOf" => exactly(1, |args, _| Ok(args.any(0).kind().into())),
        "typeIs" => exactly(2, |args, _| {
            Ok(Value::Bool(args.any(1).type_name() == **args.text(0)?))
        }),
        "typeIsLike" => exactly(2, |args, _| {
            let (wanted, own) = (args.text(0)?, args.any(1).type_name());
            let is = own == **wanted || format!("*{wanted}") == own;
            Ok(Value::Bool(is))
        }),
        "kindIs" => exactly(2, |args, _| {
            Ok(Value::Bool(args.any(1).kind() == **args.text(0)?))
        }),
        "deepEqual" => exactly(2, |args, _| {
            deeply_equal(args.any(0), args.any(1), DEPTH).map(Value::Bool)
        }),
        _ => None,
    }
}
