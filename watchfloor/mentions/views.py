from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def explore(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "team/no_mission.html")
