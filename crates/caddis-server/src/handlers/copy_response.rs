//! `copy_response`: send the answer that is being handled.

use caddis_ir::{CopyResponse, Path};

use crate::builder::Builder;
use crate::handlers::reverse_proxy::Handled;
use crate::handlers::static_response::Status;
use crate::node::Reply;
use crate::placeholders::Values;
use crate::{Context, Node, Request, Response, Result};

struct Copy {
    status: Option<Status>,
}

/// Prepares the copy.
pub(crate) fn build(config: &CopyResponse, at: &Path, builder: &mut Builder<'_>) -> Node {
    let at = at.key("status_code");
    let status = config.status_code.as_ref();
    Node::reply(Copy {
        status: status.map(|status| Status::build(status, &at, builder)),
    })
}

impl Reply for Copy {
    fn reply(&self, request: Request) -> Result<Response> {
        let answer = Handled::of(&request, "copy_response")?;
        let status = self.status.as_ref();
        let status = status.map(|status| status.of(&Values::of(&request)));
        answer.pass(status.transpose()?, Context::of(&request))
    }
}
