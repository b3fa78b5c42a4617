using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace PayCore.PayCenter.Web;

/// <summary>303: the form is done, look there. A reload then repeats the look and not the form.</summary>
internal sealed class SeeOther(string address) : ActionResult
{
    public override void ExecuteResult(ActionContext context)
    {
        context.HttpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.HttpContext.Response.Headers.Location = address;
    }
}
